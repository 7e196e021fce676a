import { ReplicationError } from '../../shared/domain/errors.ts'
import { POLLER_LIMITS } from './limits.ts'

interface Tls {
  /** PEM of the certificates to trust; the system's when absent. */
  readonly ca?: string
}

export type SourceLogin =
  | { readonly kind: 'none' }
  | ({
      readonly kind: 'scram'
      readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    } & Tls)
  | ({ readonly kind: 'plain'; readonly username: string; readonly password: string } & Tls)
  | ({ readonly kind: 'tls'; readonly certificate?: string; readonly key?: string } & Tls)

export type StartingPosition =
  | { readonly kind: 'TRIM_HORIZON' }
  | { readonly kind: 'LATEST' }
  | { readonly kind: 'AT_TIMESTAMP'; readonly timestampMs: number }

/** A deployed `AWS::Lambda::EventSourceMapping` of Kafka, in stream mode: what CloudFormation says, in our units. */
export interface KafkaMapping {
  readonly uuid: string
  readonly functionName: string
  /** AWS takes exactly one. */
  readonly topic: string
  readonly consumerGroupId: string
  readonly bootstrapServers: readonly string[]
  readonly login: SourceLogin
  /** The ARN of an MSK cluster; absent for a self-managed source, whose events look different. */
  readonly eventSourceArn?: string
  /** Default 100. */
  readonly batchSize?: number
  /** Whole seconds, or absent: 500 ms. */
  readonly maximumBatchingWindowMs?: number
  readonly startingPosition: StartingPosition
  /** Present: provisioned mode. */
  readonly provisionedPollers?: { readonly minimum: number; readonly maximum: number }
  /** Not counting the first attempt; absent: until it succeeds. Provisioned mode only. */
  readonly maximumRetryAttempts?: number
  /** Provisioned mode only. */
  readonly bisectBatchOnFunctionError?: boolean
  /** Provisioned mode only. */
  readonly functionResponseTypes?: readonly 'ReportBatchItemFailures'[]
  /** Default true. */
  readonly enabled?: boolean
}

const GROUP_ID = /^[a-zA-Z0-9\-/*:_+=.@]{1,200}$/
const TOPIC = /^[^.][a-zA-Z0-9\-_.]{1,248}$/

const wholeWithin = (value: number | undefined, least: number, most: number): boolean =>
  value === undefined || (Number.isInteger(value) && value >= least && value <= most)

const provisionedOnly = (mapping: KafkaMapping): string[] =>
  [
    mapping.maximumRetryAttempts === undefined ? '' : 'MaximumRetryAttempts',
    mapping.bisectBatchOnFunctionError ? 'BisectBatchOnFunctionError' : '',
    mapping.functionResponseTypes?.length ? 'FunctionResponseTypes' : '',
  ].filter((name) => name !== '' && mapping.provisionedPollers === undefined)

const pollersFit = ({ provisionedPollers: pollers }: KafkaMapping): boolean =>
  pollers === undefined ||
  (wholeWithin(pollers.minimum, 1, POLLER_LIMITS.mostMinimumPollers.value) &&
    wholeWithin(pollers.maximum, pollers.minimum, POLLER_LIMITS.mostMaximumPollers.value))

/** Everything that AWS would refuse in a mapping; empty when it would take it. */
export const mappingMistakes = (mapping: KafkaMapping): string[] => {
  const { largestBatchSize, longestWindowMs, mostRetryAttempts } = POLLER_LIMITS
  const window = mapping.maximumBatchingWindowMs
  return [
    TOPIC.test(mapping.topic) ? '' : `Topics: '${mapping.topic}' is not a topic name that Lambda takes`,
    GROUP_ID.test(mapping.consumerGroupId) ? '' : 'ConsumerGroupId: 1 to 200 of a-z A-Z 0-9 - / * : _ + = . @',
    mapping.bootstrapServers.length > 0 ? '' : 'KafkaBootstrapServers: at least one',
    wholeWithin(mapping.batchSize, 1, largestBatchSize.value) ? '' : `BatchSize: 1 to ${largestBatchSize.value}`,
    wholeWithin(window, 0, longestWindowMs.value) && (window ?? 0) % 1000 === 0
      ? ''
      : 'MaximumBatchingWindowInSeconds: whole seconds, 0 to 300',
    wholeWithin(mapping.maximumRetryAttempts, 0, mostRetryAttempts.value) ? '' : 'MaximumRetryAttempts: 0 to 10000',
    pollersFit(mapping) ? '' : 'ProvisionedPollerConfig: 1 to 200 at least, up to 2000 at most',
    ...provisionedOnly(mapping).map((name) => `${name}: needs ProvisionedPollerConfig`),
  ].filter((mistake) => mistake !== '')
}

export const checkMapping = (mapping: KafkaMapping): void => {
  const mistakes = mappingMistakes(mapping)
  if (mistakes.length === 0) return
  throw new ReplicationError('CONFIG_INVALID', `reading event source mapping ${mapping.uuid}: ${mistakes.join('; ')}`)
}
