/**
 * What an answer of a coordinator about a group, or about one partition of it, means.
 *
 * - `again`: it may be otherwise in a moment; `elsewhere`: so, and perhaps at another broker.
 * - `unstable`: an open transaction would move the position.
 * - `live`: only members may commit now.
 * - `no-group`: there is none of that name that can have positions.
 * - `refused`: it stays so until somebody changes something.
 */
export type GroupVerdict =
  | 'done'
  | 'again'
  | 'elsewhere'
  | 'unstable'
  | 'live'
  | 'no-group'
  | 'unknown-topic'
  | 'group-denied'
  | 'topic-denied'
  | 'refused'

export interface GroupAnswerMeaning {
  readonly name: string
  readonly verdict: GroupVerdict
}

/** By Kafka's error number, https://kafka.apache.org/protocol#protocol_error_codes. What is not here is `refused`. */
const MEANINGS: Readonly<Record<number, GroupAnswerMeaning>> = {
  0: { name: 'NONE', verdict: 'done' },
  3: { name: 'UNKNOWN_TOPIC_OR_PARTITION', verdict: 'unknown-topic' },
  7: { name: 'REQUEST_TIMED_OUT', verdict: 'again' },
  12: { name: 'OFFSET_METADATA_TOO_LARGE', verdict: 'refused' },
  13: { name: 'NETWORK_EXCEPTION', verdict: 'again' },
  14: { name: 'COORDINATOR_LOAD_IN_PROGRESS', verdict: 'again' },
  15: { name: 'COORDINATOR_NOT_AVAILABLE', verdict: 'elsewhere' },
  16: { name: 'NOT_COORDINATOR', verdict: 'elsewhere' },
  22: { name: 'ILLEGAL_GENERATION', verdict: 'live' },
  24: { name: 'INVALID_GROUP_ID', verdict: 'refused' },
  25: { name: 'UNKNOWN_MEMBER_ID', verdict: 'live' },
  27: { name: 'REBALANCE_IN_PROGRESS', verdict: 'live' },
  28: { name: 'INVALID_COMMIT_OFFSET_SIZE', verdict: 'refused' },
  29: { name: 'TOPIC_AUTHORIZATION_FAILED', verdict: 'topic-denied' },
  30: { name: 'GROUP_AUTHORIZATION_FAILED', verdict: 'group-denied' },
  69: { name: 'GROUP_ID_NOT_FOUND', verdict: 'no-group' },
  82: { name: 'FENCED_INSTANCE_ID', verdict: 'live' },
  88: { name: 'UNSTABLE_OFFSET_COMMIT', verdict: 'unstable' },
  110: { name: 'FENCED_MEMBER_EPOCH', verdict: 'live' },
  113: { name: 'STALE_MEMBER_EPOCH', verdict: 'live' },
}

export const groupAnswer = (error: number): GroupAnswerMeaning =>
  MEANINGS[error] ?? { name: `Kafka error ${error}`, verdict: 'refused' }
