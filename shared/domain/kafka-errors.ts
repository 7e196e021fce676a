import type { ErrorCode } from './errors.ts'

/**
 * What an answer of a broker to an append means.
 *
 * - `acknowledged`: all in-sync replicas have the batch.
 * - `not-appended`: nothing was written, and the same bytes may be sent again.
 * - `maybe-appended`: the same bytes may be sent again, and only with the same producer id and sequence.
 * - `refused`: nothing was written, since a record of the batch is not acceptable.
 * - `failed`: nothing was written, and sending it again does not help.
 * - `unknown`: the broker and we disagree about what was sent before, so nobody knows what is in the log.
 */
export type AnswerMeaning = 'acknowledged' | 'not-appended' | 'maybe-appended' | 'refused' | 'failed' | 'unknown'

export interface KafkaError {
  readonly name: string
  readonly meaning: AnswerMeaning
  /** What an operator is told when an append ends with it. */
  readonly code: ErrorCode
}

const unreachable = 'TARGET_UNREACHABLE'
const unknown = 'APPEND_OUTCOME_UNKNOWN'

/**
 * By Kafka's error number, https://kafka.apache.org/protocol#protocol_error_codes. What is not here is `unknown`.
 *
 * A leader that was deposed, or lost the partition, while it waited for its followers answers NOT_LEADER_OR_FOLLOWER or
 * UNKNOWN_TOPIC_OR_PARTITION although it had appended: these are `maybe-appended`.
 */
const KAFKA_ERRORS: Readonly<Record<number, KafkaError>> = {
  0: { name: 'NONE', meaning: 'acknowledged', code: unknown },
  2: { name: 'CORRUPT_MESSAGE', meaning: 'not-appended', code: unreachable },
  3: { name: 'UNKNOWN_TOPIC_OR_PARTITION', meaning: 'maybe-appended', code: 'TARGET_TOPIC_UNKNOWN' },
  5: { name: 'LEADER_NOT_AVAILABLE', meaning: 'not-appended', code: unreachable },
  6: { name: 'NOT_LEADER_OR_FOLLOWER', meaning: 'maybe-appended', code: unreachable },
  7: { name: 'REQUEST_TIMED_OUT', meaning: 'maybe-appended', code: 'TARGET_NOT_ENOUGH_REPLICAS' },
  8: { name: 'BROKER_NOT_AVAILABLE', meaning: 'not-appended', code: unreachable },
  9: { name: 'REPLICA_NOT_AVAILABLE', meaning: 'maybe-appended', code: unreachable },
  10: { name: 'MESSAGE_TOO_LARGE', meaning: 'refused', code: 'RECORD_REFUSED' },
  12: { name: 'OFFSET_METADATA_TOO_LARGE', meaning: 'failed', code: 'CONFIG_INVALID' },
  14: { name: 'COORDINATOR_LOAD_IN_PROGRESS', meaning: 'not-appended', code: unreachable },
  15: { name: 'COORDINATOR_NOT_AVAILABLE', meaning: 'not-appended', code: unreachable },
  16: { name: 'NOT_COORDINATOR', meaning: 'not-appended', code: unreachable },
  13: { name: 'NETWORK_EXCEPTION', meaning: 'maybe-appended', code: unreachable },
  17: { name: 'INVALID_TOPIC_EXCEPTION', meaning: 'failed', code: 'TARGET_TOPIC_UNKNOWN' },
  18: { name: 'RECORD_LIST_TOO_LARGE', meaning: 'refused', code: 'RECORD_REFUSED' },
  19: { name: 'NOT_ENOUGH_REPLICAS', meaning: 'not-appended', code: 'TARGET_NOT_ENOUGH_REPLICAS' },
  20: { name: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', meaning: 'maybe-appended', code: 'TARGET_NOT_ENOUGH_REPLICAS' },
  29: { name: 'TOPIC_AUTHORIZATION_FAILED', meaning: 'failed', code: 'TARGET_DENIED' },
  30: { name: 'GROUP_AUTHORIZATION_FAILED', meaning: 'failed', code: 'TARGET_DENIED' },
  31: { name: 'CLUSTER_AUTHORIZATION_FAILED', meaning: 'failed', code: 'TARGET_DENIED' },
  32: { name: 'INVALID_TIMESTAMP', meaning: 'refused', code: 'RECORD_REFUSED' },
  43: { name: 'UNSUPPORTED_FOR_MESSAGE_FORMAT', meaning: 'failed', code: 'CONFIG_INVALID' },
  44: { name: 'POLICY_VIOLATION', meaning: 'refused', code: 'RECORD_REFUSED' },
  45: { name: 'OUT_OF_ORDER_SEQUENCE_NUMBER', meaning: 'unknown', code: unknown },
  46: { name: 'DUPLICATE_SEQUENCE_NUMBER', meaning: 'unknown', code: unknown },
  47: { name: 'INVALID_PRODUCER_EPOCH', meaning: 'unknown', code: unknown },
  48: { name: 'INVALID_TXN_STATE', meaning: 'unknown', code: unknown },
  49: { name: 'INVALID_PRODUCER_ID_MAPPING', meaning: 'unknown', code: unknown },
  50: { name: 'INVALID_TRANSACTION_TIMEOUT', meaning: 'failed', code: 'CONFIG_INVALID' },
  51: { name: 'CONCURRENT_TRANSACTIONS', meaning: 'not-appended', code: unreachable },
  53: { name: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', meaning: 'failed', code: 'TARGET_DENIED' },
  56: { name: 'KAFKA_STORAGE_ERROR', meaning: 'maybe-appended', code: unreachable },
  59: { name: 'UNKNOWN_PRODUCER_ID', meaning: 'unknown', code: unknown },
  74: { name: 'FENCED_LEADER_EPOCH', meaning: 'maybe-appended', code: unreachable },
  75: { name: 'UNKNOWN_LEADER_EPOCH', meaning: 'not-appended', code: unreachable },
  76: { name: 'UNSUPPORTED_COMPRESSION_TYPE', meaning: 'failed', code: 'CONFIG_INVALID' },
  88: { name: 'UNSTABLE_OFFSET_COMMIT', meaning: 'not-appended', code: unreachable },
  87: { name: 'INVALID_RECORD', meaning: 'refused', code: 'RECORD_REFUSED' },
  89: { name: 'THROTTLING_QUOTA_EXCEEDED', meaning: 'not-appended', code: unreachable },
  90: { name: 'PRODUCER_FENCED', meaning: 'unknown', code: unknown },
}

export const kafkaError = (number: number): KafkaError =>
  KAFKA_ERRORS[number] ?? { name: `Kafka error ${number}`, meaning: 'unknown', code: unknown }

/** The numbers that code compares with. */
export const KAFKA_ERROR = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopic: 3,
  messageTooLarge: 10,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  topicDenied: 29,
  clusterDenied: 31,
  outOfOrderSequence: 45,
  invalidProducerEpoch: 47,
  securityDisabled: 54,
  concurrentTransactions: 51,
  unstableOffsetCommit: 88,
  producerFenced: 90,
} as const
