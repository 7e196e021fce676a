import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { startDynamoDb } from '../local/dynamodb.ts'
import { createLinkTable } from '../local/link-table.ts'

/** DynamoDB's API on this machine, in memory; the closest to AWS there is. */
export interface DynamoDbLocal {
  /** What a function's environment has to hold to find it. */
  readonly environment: Readonly<Record<string, string>>
  readonly endpoint: string
  readonly region: string
  readonly client: DynamoDBClient
  createTable(name: string): Promise<void>
  stop(): Promise<void>
}

const REGION = 'eu-west-1'
const ANY_KEY = { accessKeyId: 'bench', secretAccessKey: 'bench' }

export const startDynamoDbLocal = async (folder: string): Promise<DynamoDbLocal> => {
  const { endpoint, stop } = await startDynamoDb({ folder })
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: ANY_KEY })
  return {
    environment: {
      AWS_ACCESS_KEY_ID: ANY_KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ANY_KEY.secretAccessKey,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: endpoint,
    },
    endpoint,
    region: REGION,
    client,
    createTable: (name) => createLinkTable(client, name),
    stop: async () => {
      client.destroy()
      await stop()
    },
  }
}
