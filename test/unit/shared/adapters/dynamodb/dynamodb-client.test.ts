import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createDynamoDbClient } from '../../../../../shared/adapters/dynamodb/dynamodb-client.ts'
import { TableRequests } from '../../../../../shared/adapters/dynamodb/table-requests.ts'

const AT_ONCE = 256

/** Answers nobody before this many have asked. */
const startEndpointFor = async (askers: number): Promise<{ readonly endpoint: string } & AsyncDisposable> => {
  const waiting: ServerResponse[] = []
  const server = createServer((_request, response) => {
    if (waiting.push(response) < askers) return
    for (const one of waiting) one.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}')
  })
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

  it('has sockets for hundreds of partitions with TLS too', async () => {
    const client = createDynamoDbClient({ region: 'eu-central-1', credentials })
    const handler = client.config.requestHandler as unknown as { configProvider: Promise<unknown> }
    expect(await handler.configProvider).toMatchObject({
      httpsAgent: { maxSockets: AT_ONCE, options: { keepAlive: true } },
    })
  })
})
