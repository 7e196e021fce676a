import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll } from 'vitest'
import { type LocalDynamoDb, startDynamoDb } from '../../local/aws/dynamodb.ts'
import { createLinkTable, untilAnswered } from '../../local/aws/link-table.ts'
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

/** The first write after a start takes seconds on a busy machine: longer than a client waits before it asks again. */
const warmUp = (client: DynamoDBClient, table: string): Promise<void> => {
  const put = new PutItemCommand({ TableName: table, Item: { pk: { S: 'warm' }, sk: { S: 'up' } } })
  return untilAnswered('the first write', () => client.send(put))
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
  const newTable = async (): Promise<string> => {
    const name = `table-${tables++}`
    await createLinkTable(client(), name)
    return name
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinshore-dynamodb-'))
    dynamoDb = await startDynamoDb({ folder })
    await warmUp(client(), await newTable())
  })
  afterAll(async () => {
    for (const made of clients) made.destroy()
    await dynamoDb?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  return { endpoint: () => dynamoDb.endpoint, client, newTable }
}
