import { describe, expect, it } from 'vitest'
import type { Mapping, MappingConfiguration } from '../../../../local/aws/gateway/mapping-configuration.ts'
import { polledMapping } from '../../../../local/world/polled-mapping.ts'

const SECRETS: Record<string, Record<string, string>> = {
  login: { username: 'u', password: 'p' },
  ca: { certificate: 'CA' },
  pair: { certificate: 'C', privateKey: 'K' },
}
const read = async (_region: string, arn: string): Promise<Record<string, string>> => SECRETS[arn] ?? {}
const mapping = (configuration: Partial<MappingConfiguration> = {}): Mapping => ({
  uuid: 'uuid',
  region: 'eu-west-1',
  functionName: 'replicate',
  state: 'Enabled',
  stateTransitionReason: '',
  lastProcessingResult: '',
  lastModifiedMs: 0,
  tags: {},
  configuration: {
    Topics: ['orders'],
    SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['127.0.0.1:9'] } },
    ...configuration,
  },
})

describe('a mapping that is polled', () => {
  it('has nothing but what was configured, so that the rest is the default of Lambda', async () => {
    expect(await polledMapping(mapping(), read)).toEqual({
      uuid: 'uuid',
      functionName: 'replicate',
      topic: 'orders',
      consumerGroupId: 'uuid',
      bootstrapServers: ['127.0.0.1:9'],
      login: { kind: 'none' },
      startingPosition: { kind: 'TRIM_HORIZON' },
    })
  })

  it('has everything that can be configured, in our units', async () => {
    const configuration = {
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'g' },
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: 1.5,
      BatchSize: 7,
      MaximumBatchingWindowInSeconds: 0,
      ProvisionedPollerConfig: { MinimumPollers: 2 },
      MaximumRetryAttempts: 3,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    } as const
    expect(await polledMapping(mapping(configuration), read)).toMatchObject({
      consumerGroupId: 'g',
      startingPosition: { kind: 'AT_TIMESTAMP', timestampMs: 1_500 },
      batchSize: 7,
      maximumBatchingWindowMs: 0,
      provisionedPollers: { minimum: 2, maximum: 200 },
      maximumRetryAttempts: 3,
      bisectBatchOnFunctionError: true,
      functionResponseTypes: ['ReportBatchItemFailures'],
    })
  })

  const CA = { Type: 'SERVER_ROOT_CA_CERTIFICATE', URI: 'ca' }
  it.each([
    [[CA], { kind: 'tls', ca: 'CA' }],
    [[{ Type: 'BASIC_AUTH', URI: 'login' }], { kind: 'plain', username: 'u', password: 'p' }],
    [
      [{ Type: 'SASL_SCRAM_256_AUTH', URI: 'login' }],
      { kind: 'scram', mechanism: 'SCRAM-SHA-256', username: 'u', password: 'p' },
    ],
    [
      [{ Type: 'VPC_SUBNET', URI: 'subnet:s' }, CA, { Type: 'SASL_SCRAM_512_AUTH', URI: 'login' }],
      { kind: 'scram', mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p', ca: 'CA' },
    ],
    [[{ Type: 'CLIENT_CERTIFICATE_TLS_AUTH', URI: 'pair' }, CA], { kind: 'tls', certificate: 'C', key: 'K', ca: 'CA' }],
  ])('logs in with %j', async (accesses, login) => {
    expect((await polledMapping(mapping({ SourceAccessConfigurations: accesses }), read)).login).toEqual(login)
  })

  it.each([
    [[{ Type: 'IAM_AUTH' }], /MSK/],
    [[{ Type: 'BASIC_AUTH', URI: 'ca' }], /ca has no username/],
  ])('says why it cannot log in with %j', async (accesses, why) => {
    await expect(polledMapping(mapping({ SourceAccessConfigurations: accesses }), read)).rejects.toThrow(why)
  })
})
