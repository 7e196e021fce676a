import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll } from 'vitest'
import { type LocalDynamoDb, startDynamoDb } from '../../local/dynamodb.ts'
import { createLinkTable } from '../../local/link-table.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { gapLedger } from '../../shared/adapters/dynamodb/gap-ledger.ts'
import { linkControl } from '../../shared/adapters/dynamodb/link-control.ts'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { offsetMapPages } from '../../shared/adapters/dynamodb/offset-map-pages.ts'
import { linkStateContract } from '../support/link-state-contract.ts'

const ANYBODY = { accessKeyId: 'anybody', secretAccessKey: 'anything' }

let folder: string
let dynamoDb: LocalDynamoDb
let client: DynamoDBClient
let tables = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-state-'))
  dynamoDb = await startDynamoDb({ folder })
  client = createDynamoDbClient({ endpoint: dynamoDb.endpoint, region: 'eu-central-1', credentials: ANYBODY })
})

afterAll(async () => {
  client?.destroy()
  await dynamoDb?.stop()
  await rm(folder, { recursive: true, force: true })
})

linkStateContract('the link state in DynamoDB', async (options) => {
  const name = `contract-${tables++}`
  await createLinkTable(client, name)
  const table = new LinkTable({ client, name, ...options })
  return { ...linkState(table), ...offsetMapPages(table), ...gapLedger(table), ...linkControl(table) }
})
