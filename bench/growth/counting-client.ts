import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'

/** The product's own client, that counts its requests by the operations of the API. */
export interface CountingClient {
  readonly client: DynamoDBClient
  /** Requests since the last call. */
  take(): ReadonlyMap<string, number>
}

export const countingClient = ({ endpoint, region }: Pick<DynamoDbLocal, 'endpoint' | 'region'>): CountingClient => {
  const client = createDynamoDbClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  })
  let counts = new Map<string, number>()
  const { requestHandler } = client.config
  const handle = requestHandler.handle.bind(requestHandler)
  requestHandler.handle = (request, options) => {
    const [, operation = 'unknown'] = (request.headers['x-amz-target'] ?? '').split('.')
    counts.set(operation, (counts.get(operation) ?? 0) + 1)
    return handle(request, options)
  }
  return {
    client,
    take: () => {
      const taken = counts
      counts = new Map()
      return taken
    },
  }
}

export const countOf = (counts: ReadonlyMap<string, number>, operations: readonly string[]): number =>
  operations.reduce((sum, operation) => sum + (counts.get(operation) ?? 0), 0)

export const WRITES = ['PutItem', 'UpdateItem', 'TransactWriteItems', 'BatchWriteItem']
export const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan']
