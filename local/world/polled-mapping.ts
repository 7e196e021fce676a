import { consumerGroupOf, type Mapping } from '../aws/gateway/mapping-configuration.ts'
import type { KafkaMapping, SourceLogin, StartingPosition } from '../poller/mapping.ts'

/** Reads a secret, which is a JSON object of texts. */
export type ReadSecret = (region: string, arn: string) => Promise<Readonly<Record<string, string>>>

type Access = NonNullable<Mapping['configuration']['SourceAccessConfigurations']>[number]

const SCRAM_MECHANISMS = { SASL_SCRAM_256_AUTH: 'SCRAM-SHA-256', SASL_SCRAM_512_AUTH: 'SCRAM-SHA-512' } as const
const LOGIN_TYPES = [
  'SASL_SCRAM_256_AUTH',
  'SASL_SCRAM_512_AUTH',
  'BASIC_AUTH',
  'CLIENT_CERTIFICATE_TLS_AUTH',
  'IAM_AUTH',
]

const field = (secret: Readonly<Record<string, string>>, name: string, access: Access): string => {
  const value = secret[name]
  if (value === undefined) throw new Error(`logging in by ${access.Type}: ${access.URI} has no ${name}`)
  return value
}

const loginOf = async ({ region, configuration }: Mapping, read: ReadSecret): Promise<SourceLogin> => {
  const accesses = configuration.SourceAccessConfigurations ?? []
  const authority = accesses.find(({ Type }) => Type === 'SERVER_ROOT_CA_CERTIFICATE')
  const ca = authority && { ca: field(await read(region, authority.URI ?? ''), 'certificate', authority) }
  const access = accesses.find(({ Type }) => LOGIN_TYPES.includes(Type))
  if (access === undefined) return ca === undefined ? { kind: 'none' } : { kind: 'tls', ...ca }
  if (access.Type === 'IAM_AUTH') throw new Error('logging in by IAM_AUTH: only MSK has it, and no cluster here is one')
  const secret = await read(region, access.URI ?? '')
  const text = (name: string): string => field(secret, name, access)
  switch (access.Type) {
    case 'SASL_SCRAM_256_AUTH':
    case 'SASL_SCRAM_512_AUTH': {
      const mechanism = SCRAM_MECHANISMS[access.Type]
      return { kind: 'scram', mechanism, username: text('username'), password: text('password'), ...ca }
    }
    case 'BASIC_AUTH':
      return { kind: 'plain', username: text('username'), password: text('password'), ...ca }
    default:
      return { kind: 'tls', certificate: text('certificate'), key: text('privateKey'), ...ca }
  }
}

const startingPosition = ({ configuration }: Mapping): StartingPosition => {
  const { StartingPosition: kind = 'TRIM_HORIZON', StartingPositionTimestamp: seconds = 0 } = configuration
  return kind === 'AT_TIMESTAMP' ? { kind, timestampMs: seconds * 1000 } : { kind }
}

const provisionedPollers = ({ configuration }: Mapping): Pick<KafkaMapping, 'provisionedPollers'> => {
  const pollers = configuration.ProvisionedPollerConfig
  if (pollers === undefined) return {}
  return { provisionedPollers: { minimum: pollers.MinimumPollers ?? 1, maximum: pollers.MaximumPollers ?? 200 } }
}

const defined = <Fields extends object>(fields: Fields): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never

/** A mapping as the poller takes it: with the login that its secrets hold now, as AWS reads them when polling starts. */
export const polledMapping = async (mapping: Mapping, read: ReadSecret): Promise<KafkaMapping> => {
  const { configuration, uuid, functionName } = mapping
  const seconds = configuration.MaximumBatchingWindowInSeconds
  return {
    uuid,
    functionName,
    topic: configuration.Topics[0] ?? '',
    consumerGroupId: consumerGroupOf(mapping),
    bootstrapServers: configuration.SelfManagedEventSource?.Endpoints.KAFKA_BOOTSTRAP_SERVERS ?? [],
    login: await loginOf(mapping, read),
    startingPosition: startingPosition(mapping),
    ...provisionedPollers(mapping),
    ...defined({
      eventSourceArn: configuration.EventSourceArn,
      batchSize: configuration.BatchSize,
      maximumBatchingWindowMs: seconds === undefined ? undefined : seconds * 1000,
      maximumRetryAttempts: configuration.MaximumRetryAttempts,
      bisectBatchOnFunctionError: configuration.BisectBatchOnFunctionError,
      functionResponseTypes: configuration.FunctionResponseTypes,
    }),
  }
}
