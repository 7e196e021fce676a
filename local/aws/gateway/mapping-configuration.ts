/**
 * An event source mapping of Kafka as Lambda's API writes it. Only what concerns Kafka is named; the rest is kept as it
 * came. CloudFormation writes the same with one difference, see `fromTemplate`.
 */
export interface MappingConfiguration {
  readonly Topics: readonly string[]
  readonly EventSourceArn?: string
  readonly SelfManagedEventSource?: { readonly Endpoints: { readonly KAFKA_BOOTSTRAP_SERVERS: readonly string[] } }
  readonly SelfManagedKafkaEventSourceConfig?: { readonly ConsumerGroupId?: string }
  readonly AmazonManagedKafkaEventSourceConfig?: { readonly ConsumerGroupId?: string }
  readonly SourceAccessConfigurations?: readonly { readonly Type: string; readonly URI?: string }[]
  readonly StartingPosition?: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP'
  /** Seconds since 1970. */
  readonly StartingPositionTimestamp?: number
  readonly BatchSize?: number
  readonly MaximumBatchingWindowInSeconds?: number
  readonly ProvisionedPollerConfig?: { readonly MinimumPollers?: number; readonly MaximumPollers?: number }
  readonly MaximumRetryAttempts?: number
  readonly BisectBatchOnFunctionError?: boolean
  readonly FunctionResponseTypes?: readonly 'ReportBatchItemFailures'[]
}

export type MappingState = 'Creating' | 'Enabling' | 'Enabled' | 'Updating' | 'Disabling' | 'Disabled' | 'Deleting'

export interface Mapping {
  readonly uuid: string
  readonly region: string
  readonly functionName: string
  readonly state: MappingState
  readonly stateTransitionReason: string
  readonly lastProcessingResult: string
  /** Milliseconds since 1970. */
  readonly lastModifiedMs: number
  readonly configuration: MappingConfiguration
  readonly tags: Tags
}

export type Tags = Readonly<Record<string, string>>

/** The one local account; no other is ever talked to. */
export const LOCAL_ACCOUNT = '000000000000'

export const functionArn = ({ region, functionName }: Pick<Mapping, 'region' | 'functionName'>): string =>
  `arn:aws:lambda:${region}:${LOCAL_ACCOUNT}:function:${functionName}`

/** A function is named by its name, or by an ARN, whole or in part. */
export const functionNameOf = (name: string): string => /(?:^|:)function:([^:]+)/.exec(name)?.[1] ?? name

export const consumerGroupOf = ({ uuid, configuration }: Pick<Mapping, 'uuid' | 'configuration'>): string => {
  const { SelfManagedKafkaEventSourceConfig: own, AmazonManagedKafkaEventSourceConfig: msk } = configuration
  return own?.ConsumerGroupId ?? msk?.ConsumerGroupId ?? uuid
}

type Fields = Readonly<Record<string, unknown>>

const KAFKA_ARN = /^arn:[^:]+:kafka:/

/** Whether a request to create, or the properties of a resource, describe a mapping of Kafka. */
export const isKafkaMapping = ({ EventSourceArn: arn, SelfManagedEventSource: own }: Fields): boolean =>
  own !== undefined || (typeof arn === 'string' && KAFKA_ARN.test(arn))

/** What may change after a mapping was made; the API ignores the rest, as its request has no such fields. */
const CHANGEABLE = [
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'ProvisionedPollerConfig',
  'MaximumRetryAttempts',
  'BisectBatchOnFunctionError',
  'FunctionResponseTypes',
  'SourceAccessConfigurations',
  'FilterCriteria',
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
] as const

/** An empty configuration of provisioned pollers takes them away. */
const takesAway = (request: Fields, name: string): boolean =>
  name === 'ProvisionedPollerConfig' && Object.keys(request[name] ?? {}).length === 0

export const changed = (configuration: MappingConfiguration, request: Fields): MappingConfiguration => {
  const asked = CHANGEABLE.filter((name) => request[name] !== undefined)
  const kept = Object.entries(configuration).filter(([name]) => !asked.some((one) => one === name))
  const set = asked.filter((name) => !takesAway(request, name)).map((name) => [name, request[name]])
  return { ...Object.fromEntries(kept), ...Object.fromEntries(set) } as MappingConfiguration
}

/** The configuration in a request to create, or in CloudFormation's properties, with `FunctionName`, `Enabled` and `Tags` taken out. */
export const configurationOf = ({ FunctionName: _, Enabled: __, Tags: ___, ...fields }: Fields): MappingConfiguration =>
  fields as unknown as MappingConfiguration

/** The API has tags as an object, CloudFormation as a list. */
export const tagsOf = ({ Tags: tags }: Fields): Tags => {
  if (!Array.isArray(tags)) return (tags ?? {}) as Tags
  return Object.fromEntries(tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]))
}

export const mappingArn = ({ region, uuid }: Pick<Mapping, 'region' | 'uuid'>): string =>
  `arn:aws:lambda:${region}:${LOCAL_ACCOUNT}:event-source-mapping:${uuid}`

/** CloudFormation says `KafkaBootstrapServers` where the API says `KAFKA_BOOTSTRAP_SERVERS`. */
export const fromTemplate = (properties: Fields): Fields => {
  const own = properties.SelfManagedEventSource as { Endpoints?: { KafkaBootstrapServers?: unknown } } | undefined
  if (own === undefined) return properties
  return {
    ...properties,
    SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: own.Endpoints?.KafkaBootstrapServers } },
  }
}

/** A mapping as Lambda's API answers with it. */
export const describeMapping = (mapping: Mapping): Fields => ({
  UUID: mapping.uuid,
  EventSourceMappingArn: mappingArn(mapping),
  BatchSize: 100,
  DestinationConfig: { OnFailure: {} },
  ...mapping.configuration,
  FunctionArn: functionArn(mapping),
  State: mapping.state,
  StateTransitionReason: mapping.stateTransitionReason,
  LastProcessingResult: mapping.lastProcessingResult,
  LastModified: mapping.lastModifiedMs / 1000,
})
