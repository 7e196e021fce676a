import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'

/** A healthy answer takes some 5 ms; a connection that does not come, or an answer that does not, is soon tried again. */
const CONNECTION_TIMEOUT_MS = 1_000
const REQUEST_TIMEOUT_MS = 2_500
/** An event of hundreds of partitions writes as many checkpoints at once, and who waits for a socket waits for a connection. */
const MAX_SOCKETS = 256

/** What is not named comes from the environment. */
export const createDynamoDbClient = (
  place: Pick<DynamoDBClientConfig, 'region' | 'endpoint' | 'credentials'> = {},
): DynamoDBClient =>
  new DynamoDBClient({
    ...place,
    maxAttempts: 1, // who tries again is LinkTable: the client's own pauses of seconds hide from a deadline what went wrong
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      socketTimeout: REQUEST_TIMEOUT_MS, // of silence, also in the middle of an answer
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: MAX_SOCKETS },
      httpsAgent: { maxSockets: MAX_SOCKETS },
    },
  })
