import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager'
import { CLIENT_PATIENCE } from '../client-patience.ts'

/** What is not named comes from the environment. */
export const createSecretsManagerClient = (
  place: Pick<SecretsManagerClientConfig, 'region' | 'endpoint' | 'credentials'> = {},
): SecretsManagerClient => new SecretsManagerClient({ ...place, ...CLIENT_PATIENCE })
