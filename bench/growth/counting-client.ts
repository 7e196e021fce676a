import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'

/** The product's own client, that counts its requests by the names of their commands. */
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
  client.middlewareStack.add(
    (next, { commandName = 'unknown' }) =>
      (args) => {
        counts.set(commandName, (counts.get(commandName) ?? 0) + 1)
        return next(args)
      },
    { step: 'initialize', name: 'countRequests' },
  )
  return {
    client,
    take: () => {
      const taken = counts
      counts = new Map()
      return taken
    },
  }
}

export const countOf = (counts: ReadonlyMap<string, number>, commands: readonly string[]): number =>
  commands.reduce((sum, command) => sum + (counts.get(command) ?? 0), 0)

export const WRITES = ['PutItemCommand', 'UpdateItemCommand', 'TransactWriteItemsCommand', 'BatchWriteItemCommand']
export const READS = ['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand', 'ScanCommand']
