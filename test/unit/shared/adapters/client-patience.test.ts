import { describe, it } from 'vitest'
import { deployedEnvironment } from '../../../../shared/adapters/lambda/deployed-function.ts'
import { createLambdaClient } from '../../../../shared/adapters/lambda/lambda-client.ts'
import { s3Quarantine } from '../../../../shared/adapters/s3/quarantine.ts'
import { createS3Client } from '../../../../shared/adapters/s3/s3-client.ts'
import { SecretsManager } from '../../../../shared/adapters/secrets/secrets-manager.ts'
import { createSecretsManagerClient } from '../../../../shared/adapters/secrets/secrets-manager-client.ts'
import { startSilentEndpoint } from '../../../support/silent-endpoint.ts'

const LONGEST_MS = 8_000
const place = (endpoint: string) => ({
  endpoint,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'anybody', secretAccessKey: 'anything' },
})

describe.concurrent('a service that swallows everything', () => {
  it('ends a quarantine with an error', { timeout: LONGEST_MS }, async ({ expect }) => {
    await using silent = await startSilentEndpoint()
    const quarantine = s3Quarantine(createS3Client({ ...place(silent.url), forcePathStyle: true }), 'bucket')
    const record = { offset: 7, timestamp: 1, key: null, value: null, headers: [] }
    const keeping = quarantine.keep({ topic: 'orders', partition: 0 }, 'incarnation', record, 'too large')
    await expect(keeping).rejects.toMatchObject({ code: 'QUARANTINE_UNREACHABLE' })
  })

  it('ends the reading of a secret with an error', { timeout: LONGEST_MS }, async ({ expect }) => {
    await using silent = await startSilentEndpoint()
    const secrets = new SecretsManager(undefined, createSecretsManagerClient(place(silent.url)))
    await expect(secrets.read('login', { fresh: false })).rejects.toThrow(/timed? ?out/i)
  })

  it('ends the reading of a deployed configuration with an error', { timeout: LONGEST_MS }, async ({ expect }) => {
    await using silent = await startSilentEndpoint()
    const reading = deployedEnvironment('eu-central-1', 'replicate', createLambdaClient(place(silent.url)))
    await expect(reading).rejects.toThrow(
      /FUNCTION_UNREACHABLE: .*reading the configuration of the function replicate in eu-central-1/,
    )
  })
})
