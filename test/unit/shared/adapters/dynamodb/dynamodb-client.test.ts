import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createDynamoDbClient } from '../../../../../shared/adapters/dynamodb/dynamodb-client.ts'
import { TableRequests } from '../../../../../shared/adapters/dynamodb/table-requests.ts'

const AT_ONCE = 256

interface Endpoint extends AsyncDisposable {
  readonly endpoint: string
}

/** Answers nobody before this many have asked. */
const startEndpointFor = (askers: number): Promise<Endpoint> => {
  const waiting: ServerResponse[] = []
  return startEndpoint((response) => {
    if (waiting.push(response) < askers) return
    for (const one of waiting) one.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}')
  })
}

const startEndpoint = async (answer: (response: ServerResponse) => void): Promise<Endpoint> => {
  const server = createServer((_request, response) => answer(response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const credentials = { accessKeyId: 'anybody', secretAccessKey: 'anything' }

describe('the DynamoDB client', () => {
  it('asks for hundreds of partitions at once, and none waits for another', async () => {
    await using crowd = await startEndpointFor(AT_ONCE)
    const client = createDynamoDbClient({ endpoint: crowd.endpoint, region: 'eu-central-1', credentials })
    const requests = new TableRequests(client, 'table')
    const put = { TableName: 'table', Item: { pk: { S: 'a' }, sk: { S: 'b' } } }
    const { signal } = new AbortController()
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => requests.send('PutItem', put, signal)))
    client.destroy()
    expect(answers).toHaveLength(AT_ONCE)
  })

  it.each([
    ['falls silent', 'TimeoutError', () => undefined],
    ['breaks off', 'Error', (response: ServerResponse) => void response.destroy()],
  ])('takes an answer that %s in its middle for none', async (_how, name, after) => {
    await using halved = await startEndpoint((response) => {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'content-length': 10 }
      response.writeHead(200, headers).write('{}', () => after(response))
    })
    const client = createDynamoDbClient({ endpoint: halved.endpoint, region: 'eu-central-1', credentials })
    const scan = new TableRequests(client, 'table').send('Scan', { TableName: 'table' }, new AbortController().signal)
    await expect(scan).rejects.toMatchObject({ name })
    client.destroy()
  })

  it('has sockets for hundreds of partitions with TLS too', async () => {
    const client = createDynamoDbClient({ region: 'eu-central-1', credentials })
    const handler = client.config.requestHandler as unknown as { configProvider: Promise<unknown> }
    expect(await handler.configProvider).toMatchObject({
      httpsAgent: { maxSockets: AT_ONCE, options: { keepAlive: true } },
    })
  })
})
