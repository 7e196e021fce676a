import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** One request of DynamoDB's API: `PutItem` and what it carries. */
interface ApiRequest {
  readonly operation: string
  readonly body: Readonly<Record<string, unknown>>
}

/** `pass`: as if nothing was between; `lose-answer`: it is done, but nobody hears of it; `silence`: neither. */
type Treatment = 'pass' | 'lose-answer' | 'silence' | { readonly status: number; readonly body: object }

export interface FaultyEndpoint {
  readonly url: string
  readonly requests: readonly ApiRequest[]
  treat: (request: ApiRequest) => Treatment
  close(): Promise<void>
}

const forward = async (endpoint: string, request: IncomingMessage, body: string): Promise<Response> => {
  const headers = Object.entries(request.headers).filter(([name]) => name !== 'host' && name !== 'content-length')
  return fetch(endpoint, { method: 'POST', body, headers: headers as [string, string][] })
}

const answer = (response: ServerResponse, status: number, body: string | Buffer): void => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body)
}

/** Stands between a client and a DynamoDB, and counts and spoils what it is told to. */
export const startFaultyEndpoint = async (endpoint: string): Promise<FaultyEndpoint> => {
  const requests: ApiRequest[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.')
    const body = (await json(request)) as ApiRequest['body']
    requests.push({ operation, body })
    const treatment = faulty.treat({ operation, body })
    if (treatment === 'silence') return
    if (typeof treatment === 'object') return answer(response, treatment.status, JSON.stringify(treatment.body))
    const done = await forward(endpoint, request, JSON.stringify(body))
    const answered = Buffer.from(await done.arrayBuffer())
    if (treatment === 'lose-answer') request.socket.destroy()
    else answer(response, done.status, answered)
  }
  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const faulty: FaultyEndpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    treat: () => 'pass',
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return faulty
}
