import type {
  CreateEventSourceMappingRequest,
  EventSourceMappingConfiguration,
  SourceAccessType,
} from '@aws-sdk/client-lambda'
import { ReplicationError } from '../../domain/errors.ts'
import type { EventSourceMapping } from '../../domain/event-source-mapping.ts'
import type { LinkMapping, MappingState } from '../../domain/topics/mapping-plan.ts'

type Wanted = Omit<CreateEventSourceMappingRequest, 'FunctionName' | 'Enabled' | 'Tags'>

/** What CloudFormation is told, in the words of Lambda's own API. */
export const mappingRequest = (mapping: EventSourceMapping): Wanted => ({
  Topics: [...mapping.topics],
  StartingPosition: mapping.startingPosition,
  BatchSize: mapping.batchSize,
  ...(mapping.maximumBatchingWindowInSeconds !== undefined && {
    MaximumBatchingWindowInSeconds: mapping.maximumBatchingWindowInSeconds,
  }),
  ...provisionedPollers(mapping),
  ...sourceAccess(mapping),
  ...source(mapping),
})

const provisionedPollers = ({ provisionedPollerConfig: pollers }: EventSourceMapping): Wanted =>
  pollers === undefined
    ? {}
    : {
        ProvisionedPollerConfig: {
          MinimumPollers: pollers.minimumPollers,
          MaximumPollers: pollers.maximumPollers,
          ...(pollers.pollerGroupName !== undefined && { PollerGroupName: pollers.pollerGroupName }),
        },
      }

const sourceAccess = ({ sourceAccessConfigurations: all }: EventSourceMapping): Wanted =>
  all === undefined
    ? {}
    : {
        SourceAccessConfigurations: all.map(({ type, uri }) => ({
          Type: type as SourceAccessType,
          ...(uri !== undefined && { URI: uri }),
        })),
      }

const source = (mapping: EventSourceMapping): Wanted => {
  if ('eventSourceArn' in mapping) {
    const { consumerGroupId: ConsumerGroupId } = mapping.amazonManagedKafkaEventSourceConfig
    return { EventSourceArn: mapping.eventSourceArn, AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId } }
  }
  const { consumerGroupId: ConsumerGroupId, consumptionMode: ConsumptionMode } =
    mapping.selfManagedKafkaEventSourceConfig
  const { kafkaBootstrapServers } = mapping.selfManagedEventSource.endpoints
  return {
    SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: [...kafkaBootstrapServers] } },
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId, ConsumptionMode },
  }
}

const STATES: readonly MappingState[] = [
  'Creating',
  'Enabling',
  'Enabled',
  'Disabling',
  'Disabled',
  'Updating',
  'Deleting',
]

export const parseState = (state: string | undefined, doing: string): MappingState => {
  const known = STATES.find((one) => one === state)
  if (known !== undefined) return known
  throw new ReplicationError('MAPPING_REFUSED', `${doing}: its state is ${state}, which we do not know`)
}

/** What of a mapping can be changed; a mapping that shall have no provisioned pollers any more is told so. */
export const mappingChange = (mapping: EventSourceMapping) => {
  const { BatchSize, MaximumBatchingWindowInSeconds, SourceAccessConfigurations, ProvisionedPollerConfig } =
    mappingRequest(mapping)
  return {
    BatchSize,
    ...(MaximumBatchingWindowInSeconds !== undefined && { MaximumBatchingWindowInSeconds }),
    ...(SourceAccessConfigurations !== undefined && { SourceAccessConfigurations }),
    ProvisionedPollerConfig: ProvisionedPollerConfig ?? {},
  }
}

/** As texts that are equal when both sides mean the same; Lambda returns lists in an order of its own. */
const settingsOf = (one: EventSourceMappingConfiguration | Wanted): string =>
  JSON.stringify([
    one.BatchSize,
    one.MaximumBatchingWindowInSeconds ?? 0,
    (one.SourceAccessConfigurations ?? []).map(({ Type, URI }) => `${Type} ${URI}`).toSorted(),
    one.ProvisionedPollerConfig?.MinimumPollers,
    one.ProvisionedPollerConfig?.MaximumPollers,
    one.ProvisionedPollerConfig?.PollerGroupName,
  ])

const sourceOf = (one: EventSourceMappingConfiguration | Wanted): string =>
  JSON.stringify([
    one.EventSourceArn,
    (one.SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS ?? []).toSorted(),
    one.AmazonManagedKafkaEventSourceConfig?.ConsumerGroupId ?? one.SelfManagedKafkaEventSourceConfig?.ConsumerGroupId,
  ])

/** A window that was once given in seconds never goes back to Lambda's own, so such a mapping is made anew. */
export const differenceOf = (
  found: EventSourceMappingConfiguration,
  mapping: EventSourceMapping,
): Pick<LinkMapping, 'differs'> => {
  const wanted = mappingRequest(mapping)
  const windowStays = wanted.MaximumBatchingWindowInSeconds !== undefined || !found.MaximumBatchingWindowInSeconds
  if (sourceOf(found) !== sourceOf(wanted) || !windowStays) return { differs: 'source' }
  return settingsOf(found) === settingsOf(wanted) ? {} : { differs: 'settings' }
}

/** `undefined` for a mapping that has nothing to do with Kafka. The stack makes the mappings of `stackTopics`. */
export const parseMapping = (
  found: EventSourceMappingConfiguration,
  stackTopics: ReadonlySet<string>,
  doing: string,
  mappingOf?: (topic: string) => EventSourceMapping,
): LinkMapping | undefined => {
  const { UUID: id, Topics: [topic] = [], State: state } = found
  if (id === undefined || topic === undefined) return undefined
  const madeBy = stackTopics.has(topic) ? 'stack' : 'run-time'
  const difference = madeBy === 'stack' || mappingOf === undefined ? {} : differenceOf(found, mappingOf(topic))
  return { id, topic, state: parseState(state, `${doing}, mapping ${id}`), madeBy, ...difference }
}
