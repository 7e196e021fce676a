import { kafkaAccess } from './kafka-access.ts'
import { consumerGroup } from './link-names.ts'
import { type AwsPlace, secretArn } from './secret-reference.ts'
import { isMsk, type Link, placementOf } from './topology/topology.ts'

/** The window of a mapping that names none. A mapping that once named one never gets back to it. */
export const LAMBDA_OWN_WINDOW_MS = 500

interface SourceAccess {
  readonly type: string
  /** Absent where the role of the function is the login. */
  readonly uri?: string
}

/**
 * What Lambda is told about one topic of a link, named as CloudFormation and the CDK name it; the API of Lambda differs
 * in the first letters and in `Endpoints.KAFKA_BOOTSTRAP_SERVERS`.
 *
 * There is no on-failure destination: with one, Lambda gives up after ten attempts, and a target that is away for long
 * would lose records. For the same reason neither attempts nor the age of records are bounded.
 */
interface EventSourceMappingBase {
  readonly topics: [string]
  /** The checkpoint decides what is replicated; the mapping never skips anything. */
  readonly startingPosition: 'TRIM_HORIZON'
  readonly batchSize: number
  /** Absent: Lambda's own half a second, which no number of seconds can say. */
  readonly maximumBatchingWindowInSeconds?: number
  readonly provisionedPollerConfig?: {
    readonly minimumPollers: number
    readonly maximumPollers: number
    readonly pollerGroupName?: string
  }
  /** Absent rather than empty, which Lambda does not take. */
  readonly sourceAccessConfigurations?: SourceAccess[]
}

interface MskEventSourceMapping extends EventSourceMappingBase {
  readonly eventSourceArn: string
  readonly amazonManagedKafkaEventSourceConfig: { readonly consumerGroupId: string }
}

interface SelfManagedEventSourceMapping extends EventSourceMappingBase {
  readonly selfManagedEventSource: { readonly endpoints: { readonly kafkaBootstrapServers: string[] } }
  /** `Stream` keeps the order of partitions; `Queue`, a share group, does not. */
  readonly selfManagedKafkaEventSourceConfig: { readonly consumerGroupId: string; readonly consumptionMode: 'Stream' }
}

export type EventSourceMapping = MskEventSourceMapping | SelfManagedEventSourceMapping

/**
 * Whether Lambda reads the source as an MSK cluster, by its ARN: only in the region of that cluster. From anywhere else
 * it reads MSK like any Kafka, by its bootstrap servers.
 */
export const readsMskByArn = (link: Link): boolean => isMsk(link.source) && link.placement === 'source'

/** The mapping of one topic; the stacks make it for the topics that a topology names. */
export const eventSourceMapping = (link: Link, topic: string, place: AwsPlace): EventSourceMapping => {
  const consumerGroupId = consumerGroup(link, topic)
  const base: Omit<EventSourceMappingBase, 'sourceAccessConfigurations'> = {
    topics: [topic],
    startingPosition: 'TRIM_HORIZON',
    batchSize: link.batchSize,
    ...batchingWindow(link),
    ...provisionedPollers(link),
  }
  if (isMsk(link.source) && readsMskByArn(link))
    return {
      ...base,
      eventSourceArn: link.source.arn,
      amazonManagedKafkaEventSourceConfig: { consumerGroupId },
      ...sourceAccess(login(link, place).filter(({ type }) => type !== 'IAM_AUTH')),
    }
  return {
    ...base,
    selfManagedEventSource: { endpoints: { kafkaBootstrapServers: [...link.source.bootstrapServers] } },
    selfManagedKafkaEventSourceConfig: { consumerGroupId, consumptionMode: 'Stream' },
    ...sourceAccess([...login(link, place), ...authority(link, place), ...network(link)]),
  }
}

const sourceAccess = (all: SourceAccess[]): Pick<EventSourceMappingBase, 'sourceAccessConfigurations'> =>
  all.length === 0 ? {} : { sourceAccessConfigurations: all }

const batchingWindow = ({ batchWindowMs }: Link): { maximumBatchingWindowInSeconds?: number } =>
  batchWindowMs === LAMBDA_OWN_WINDOW_MS ? {} : { maximumBatchingWindowInSeconds: batchWindowMs / 1000 }

const provisionedPollers = ({ pollers }: Link): Pick<EventSourceMappingBase, 'provisionedPollerConfig'> => {
  if (pollers === 'on-demand') return {}
  const { minimum, maximum, group } = pollers
  const grouped = group === undefined ? {} : { pollerGroupName: group }
  return { provisionedPollerConfig: { minimumPollers: minimum, maximumPollers: maximum, ...grouped } }
}

const LOGIN_TYPES = {
  iam: 'IAM_AUTH',
  plain: 'BASIC_AUTH',
  'scram-sha-256': 'SASL_SCRAM_256_AUTH',
  'scram-sha-512': 'SASL_SCRAM_512_AUTH',
  mtls: 'CLIENT_CERTIFICATE_TLS_AUTH',
} as const

const login = ({ source }: Link, place: AwsPlace): readonly SourceAccess[] => {
  if (source.login.kind === 'none') return []
  const type = LOGIN_TYPES[source.login.kind]
  return source.login.kind === 'iam' ? [{ type }] : [{ type, uri: secretArn(source.login.secret, place) }]
}

const authority = ({ source }: Link, place: AwsPlace): readonly SourceAccess[] => {
  const { caSecret } = kafkaAccess(source)
  return caSecret === undefined ? [] : [{ type: 'SERVER_ROOT_CA_CERTIFICATE', uri: secretArn(caSecret, place) }]
}

const network = (link: Link): readonly SourceAccess[] => {
  const { subnetIds, securityGroupIds } = placementOf(link).network ?? { subnetIds: [], securityGroupIds: [] }
  return [
    ...subnetIds.map((id) => ({ type: 'VPC_SUBNET', uri: `subnet:${id}` })),
    ...securityGroupIds.map((id) => ({ type: 'VPC_SECURITY_GROUP', uri: `security_group:${id}` })),
  ]
}
