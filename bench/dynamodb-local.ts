import { join } from 'node:path'
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { eventually } from '../local/eventually.ts'
import { freePort } from '../local/free-port.ts'
import { startProcess } from '../local/owned-process.ts'
import { dynamoDbLocalJars } from '../local/toolchain.ts'

const READY_WITHIN_MS = 60_000

/** DynamoDB's API on this machine, in memory; the closest to AWS there is. */
export interface DynamoDbLocal {
  /** What the function's environment has to hold to find it. */
  readonly environment: Readonly<Record<string, string>>
  readonly client: DynamoDBClient
  createTable(schema: CreateTableCommandInput): Promise<void>
  stop(): Promise<void>
}

const REGION = 'eu-west-1'
const ANY_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' }

export const startDynamoDbLocal = async (folder: string): Promise<DynamoDbLocal> => {
  const jars = await dynamoDbLocalJars()
  const port = await freePort()
  const server = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)]
  const main = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner'
  const running = startProcess(
    'java',
    ['-Xmx512m', `-Djava.library.path=${jars}`, '-cp', `${jars}/*`, main, ...server],
    {
      cwd: folder,
      logFile: join(folder, 'dynamodb.log'),
    },
  )
  const endpoint = `http://127.0.0.1:${port}`
  const isUp = (): Promise<boolean> =>
    fetch(endpoint).then(
      () => true,
      () => false,
    )
  await eventually('DynamoDB Local to answer', isUp, { withinMs: READY_WITHIN_MS })
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials })
  return {
    environment: { ...ANY_CREDENTIALS, AWS_REGION: REGION, AWS_ENDPOINT_URL_DYNAMODB: endpoint },
    client,
    createTable: async (schema) => void (await client.send(new CreateTableCommand(schema))),
    stop: async () => {
      client.destroy()
      await running.stop()
    },
  }
}
