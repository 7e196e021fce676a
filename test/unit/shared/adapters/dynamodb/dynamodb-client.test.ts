import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { createDynamoDbClient } from '../../../../../shared/adapters/dynamodb/dynamodb-client.ts'

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
    const question = () => new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'a' }, sk: { S: 'b' } } })
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => client.send(question())))
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

  it('writes no log of its own', () => {
    const stack = createDynamoDbClient({ region: 'eu-central-1', credentials }).middlewareStack.identify()
    expect(stack.length).toBeGreaterThan(0)
    expect(stack.filter((name) => name.startsWith('loggerMiddleware'))).toEqual([])
  })
})
