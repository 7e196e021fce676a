import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda'
import { CLIENT_PATIENCE } from '../client-patience.ts'

/** What is not named comes from the environment. */
export const createLambdaClient = (
  place: Pick<LambdaClientConfig, 'region' | 'endpoint' | 'credentials'> = {},
): LambdaClient => new LambdaClient({ ...place, ...CLIENT_PATIENCE })
