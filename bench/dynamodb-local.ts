import { DynamoDBClient, ResourceInUseException } from '@aws-sdk/client-dynamodb'
import { startDynamoDb } from '../local/aws/dynamodb.ts'
import { createLinkTable } from '../local/aws/link-table.ts'

/** DynamoDB's API on this machine, in memory; the closest to AWS there is. */
export interface DynamoDbLocal {
  /** What a function's environment has to hold to find it. */
  readonly environment: Readonly<Record<string, string>>
  readonly endpoint: string
  readonly region: string
  readonly client: DynamoDBClient
  /** Leaves a table alone that is there. */
  createTable(name: string): Promise<void>
  stop(): Promise<void>
}

const REGION = 'eu-west-1'
/** With its best compiler, since it shares the cores with whoever is measured. */
const JVM_OPTIONS = ['-Xmx768m', '-XX:+UseSerialGC']
const ANY_KEY = { accessKeyId: 'bench', secretAccessKey: 'bench' }

export const startDynamoDbLocal = async (folder: string): Promise<DynamoDbLocal> => {
  const { endpoint, stop } = await startDynamoDb({ folder, jvmOptions: JVM_OPTIONS })
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
    createTable: async (name) => {
      try {
        await createLinkTable(client, name)
      } catch (error) {
        if (!(error instanceof ResourceInUseException)) throw error
      }
    },
    stop: async () => {
      client.destroy()
      await stop()
    },
  }
}
