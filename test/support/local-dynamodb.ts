import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll } from 'vitest'
import { type LocalDynamoDb, startDynamoDb } from '../../local/dynamodb.ts'
import { createLinkTable } from '../../local/link-table.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'

const ANYBODY = { accessKeyId: 'anybody', secretAccessKey: 'anything' }

/** A DynamoDB for the tests of one file. */
export interface DynamoDbForTests {
  readonly endpoint: () => string
  /** A client that ends with the file; by default to the DynamoDB itself. */
  readonly client: (endpoint?: string) => DynamoDBClient
  /** The name of a table that holds nothing. */
  readonly newTable: () => Promise<string>
}

export const dynamoDbForTests = (): DynamoDbForTests => {
  let folder: string
  let dynamoDb: LocalDynamoDb
  let tables = 0
  const clients: DynamoDBClient[] = []
  const client = (endpoint = dynamoDb.endpoint): DynamoDBClient => {
    const made = createDynamoDbClient({ endpoint, region: 'eu-central-1', credentials: ANYBODY })
    clients.push(made)
    return made
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinshore-dynamodb-'))
    dynamoDb = await startDynamoDb({ folder })
  })
  afterAll(async () => {
    for (const made of clients) made.destroy()
    await dynamoDb?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const newTable = async (): Promise<string> => {
    const name = `table-${tables++}`
    await createLinkTable(client(), name)
    return name
  }
  return { endpoint: () => dynamoDb.endpoint, client, newTable }
}
