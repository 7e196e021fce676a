/**
 * What an answer of a cluster about one topic means.
 *
 * - `again`: it may be otherwise in a moment.
 * - `maybe`: as `again`, and the change may have been made all the same.
 * - `unknown`: there is no such topic, or the broker that was asked has not heard of it yet.
 * - `refused`: it stays so until somebody changes something.
 */
export type TopicVerdict = 'done' | 'again' | 'maybe' | 'exists' | 'unknown' | 'denied' | 'refused'

export interface TopicAnswerMeaning {
  readonly name: string
  readonly verdict: TopicVerdict
}

/** By Kafka's error number, https://kafka.apache.org/protocol#protocol_error_codes. What is not here is `refused`. */
const MEANINGS: Readonly<Record<number, TopicAnswerMeaning>> = {
  0: { name: 'NONE', verdict: 'done' },
  3: { name: 'UNKNOWN_TOPIC_OR_PARTITION', verdict: 'unknown' },
  5: { name: 'LEADER_NOT_AVAILABLE', verdict: 'again' },
  7: { name: 'REQUEST_TIMED_OUT', verdict: 'maybe' },
  8: { name: 'BROKER_NOT_AVAILABLE', verdict: 'again' },
  13: { name: 'NETWORK_EXCEPTION', verdict: 'maybe' },
  17: { name: 'INVALID_TOPIC_EXCEPTION', verdict: 'refused' },
  29: { name: 'TOPIC_AUTHORIZATION_FAILED', verdict: 'denied' },
  31: { name: 'CLUSTER_AUTHORIZATION_FAILED', verdict: 'denied' },
  36: { name: 'TOPIC_ALREADY_EXISTS', verdict: 'exists' },
  37: { name: 'INVALID_PARTITIONS', verdict: 'refused' },
  38: { name: 'INVALID_REPLICATION_FACTOR', verdict: 'refused' },
  40: { name: 'INVALID_CONFIG', verdict: 'refused' },
  41: { name: 'NOT_CONTROLLER', verdict: 'again' },
  42: { name: 'INVALID_REQUEST', verdict: 'refused' },
  44: { name: 'POLICY_VIOLATION', verdict: 'refused' },
  60: { name: 'REASSIGNMENT_IN_PROGRESS', verdict: 'again' },
  73: { name: 'TOPIC_DELETION_DISABLED', verdict: 'refused' },
  89: { name: 'THROTTLING_QUOTA_EXCEEDED', verdict: 'again' },
}

export const topicAnswer = (error: number): TopicAnswerMeaning =>
  MEANINGS[error] ?? { name: `Kafka error ${error}`, verdict: 'refused' }
