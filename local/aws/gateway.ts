import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { DeployedMappings } from './gateway/deployed-mappings.ts'
import { type AwsRequest, type AwsResponse, describeRequest, errorResponse } from './gateway/exchange.ts'
import { ConnectionCut, Faults } from './gateway/faults.ts'
import { answerMappingRequest } from './gateway/mapping-api.ts'
import { answerTagRequest } from './gateway/mapping-tags.ts'
import { type MappingDelays, Mappings } from './gateway/mappings.ts'

/**
 * What the CDK CLI, the functions and users take for AWS. It passes everything on to the local AWS, but for the event
 * source mappings of Kafka, which that does not have, and but for what a fault rule says.
 */
export interface Gateway {
  readonly url: string
  readonly mappings: Mappings
  /** Those of the mappings that stacks made. */
  readonly deployed: DeployedMappings
  readonly faults: Faults
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly port: number
  /** The local AWS, `http://127.0.0.1:4566` for one. */
  readonly upstream: URL
  readonly delays?: MappingDelays
}

/** Longer than SDKs keep an idle connection, so that none is closed while a request is on its way. */
const KEEP_ALIVE_MS = 120_000

const wholeBody = async (stream: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** No connection is used twice: the local AWS closes idle ones at times of its own. */
const forwardTo =
  (upstream: URL) =>
  ({ method, path, headers, body }: AwsRequest): Promise<AwsResponse> =>
    new Promise((resolve, reject) => {
      const { 'transfer-encoding': _, connection: __, expect: ___, ...passed } = headers
      const request = httpRequest(
        { host: upstream.hostname, port: upstream.port, method, path, agent: false },
        (response) => {
          wholeBody(response).then(
            (content) => resolve({ status: response.statusCode ?? 502, headers: response.headers, body: content }),
            reject,
          )
        },
      )
      for (const [name, value] of Object.entries(passed)) if (value !== undefined) request.setHeader(name, value)
      request.setHeader('content-length', body.length)
      request.on('error', reject)
      request.end(body)
    })

const send = (response: ServerResponse, { status, headers, body }: AwsResponse, method: string): void => {
  const { 'transfer-encoding': _, connection: __, ...passed } = headers
  const length = method === 'HEAD' ? {} : { 'content-length': body.length }
  response.writeHead(status, { ...passed, ...length })
  response.end(body)
}

/** Starts a gateway on 127.0.0.1. */
export const startGateway = async ({ port, upstream, delays }: GatewayOptions): Promise<Gateway> => {
  const mappings = new Mappings(delays)
  const faults = new Faults()
  const forward = forwardTo(upstream)
  const answer = async (request: AwsRequest): Promise<AwsResponse> =>
    (await answerMappingRequest(request, mappings, forward)) ??
    answerTagRequest(request, mappings) ??
    (await forward(request))

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const request = describeRequest(incoming, await wholeBody(incoming))
      send(response, await faults.answer(request, () => answer(request)), request.method)
    } catch (error) {
      if (error instanceof ConnectionCut || response.headersSent) incoming.socket.destroy()
      else send(response, unreachable(upstream, error), incoming.method ?? 'GET')
    }
  }
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (incoming, response) => {
    void serve(incoming, response)
  })
  await listen(server, port)
  const deployed = new DeployedMappings(mappings)
  return { url: `http://127.0.0.1:${port}`, mappings, deployed, faults, close: () => close(server, faults) }
}

const unreachable = (upstream: URL, error: unknown): AwsResponse =>
  errorResponse(503, 'ServiceUnavailable', `reaching the local AWS at ${upstream.href}: ${String(error)}`)

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })

const close = (server: Server, faults: Faults): Promise<void> =>
  new Promise((resolve) => {
    faults.removeAll()
    server.close(() => resolve())
    server.closeAllConnections()
  })
