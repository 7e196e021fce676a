/** What an operator is told about each kind of failure, and whether the same attempt may succeed when it is made again. */
export const ERROR_CODES = {
  CONFIG_INVALID: { transient: false, check: 'the topology and the environment of the function' },
  EVENT_MALFORMED: { transient: false, check: 'that only a Kafka event source invokes this function' },
  LINK_NOT_FORWARDING: { transient: true, check: 'whether the link was paused, stopped or drained on purpose' },
  STATE_UNREACHABLE: { transient: true, check: 'the route to DynamoDB, its endpoint and its health in the region' },
  STATE_DENIED: {
    transient: true,
    check:
      'the rights of the role on the table and on its KMS key, that the credentials have not expired, and the clock here',
  },
  STATE_MISSING: {
    transient: true,
    check: 'that the state stack of the link is deployed to the account and region that are asked',
  },
  STATE_THROTTLED: { transient: true, check: 'the account limits and the hot partitions of the DynamoDB table' },
  STATE_MALFORMED: { transient: false, check: 'who else writes to the table of the link, and which version made it' },
  STATE_FULL: {
    transient: false,
    check: 'how many runs the partition keeps (10 GB of them): shorten mapRetentionDays, and delete its oldest pages',
  },
  SAME_CLUSTER: { transient: false, check: 'the addresses of both clusters in the topology, and what they resolve to' },
  CHECKPOINT_MOVED: { transient: true, check: 'nothing, when it is rare: another invocation was faster' },
  EPOCH_STALE: { transient: false, check: 'whether a failover gave the link to another epoch' },
  SOURCE_UNREACHABLE: { transient: true, check: 'the route and the login to the source cluster' },
  SOURCE_TOPIC_UNKNOWN: { transient: true, check: 'whether the topic was deleted on the source' },
  INCARNATION_CHANGED: { transient: false, check: 'whether the topic was deleted and created again on the source' },
  HOLE_NOT_EMPTY: {
    transient: false,
    check: 'who moved the consumer group of the mapping past records that were not replicated',
  },
  LOG_DAMAGED: {
    transient: false,
    check: 'the disks of the broker that leads the partition, and whether its own tools can read that log segment',
  },
  RECORD_TOO_LARGE: {
    transient: false,
    check:
      'who writes records that large, or compresses with so large a window: no poller brings them, and nothing compares them',
  },
  SOURCE_TRUNCATED: {
    transient: false,
    check: 'whether an unclean leader election on the source lost records that were replicated',
  },
  TARGET_UNREACHABLE: {
    transient: true,
    check: 'whether brokers of the target are down or restarting, and the route to them',
  },
  TARGET_TOPIC_UNKNOWN: { transient: true, check: 'whether the topic exists on the target' },
  TARGET_REWOUND: {
    transient: false,
    check: 'whether the target topic was created again, or lost records in an unclean leader election',
  },
  TARGET_PARTITION_MISSING: { transient: true, check: 'whether the target has as many partitions as the source' },
  TARGET_NOT_ENOUGH_REPLICAS: { transient: true, check: 'the in-sync replicas of the target topic' },
  TARGET_DENIED: { transient: true, check: 'the rights of the link on the target cluster' },
  LOGIN_REFUSED: { transient: true, check: 'the secret, its rotation and the login of the cluster' },
  APPEND_OUTCOME_UNKNOWN: {
    transient: true,
    check: 'the target brokers; the batch is sent again and may be there twice',
  },
  TRANSACTION_BROKEN: {
    transient: true,
    check:
      'the target brokers and their transaction log; what became of the transaction is found out before the next one',
  },
  COMMIT_MALFORMED: {
    transient: false,
    check:
      'who else commits offsets to the group of the link on the target, and that its table is the one of these commits',
  },
  RECORD_REFUSED: { transient: false, check: 'the limits of the target topic, or quarantine the record (onPoison)' },
  TOPIC_EXISTS: {
    transient: true,
    check: 'who else makes topics on that cluster, and whether the login may DESCRIBE all of them',
  },
  TOPIC_REFUSED: { transient: false, check: 'the answer of the cluster and the rules that it has for topics' },
  TOPIC_DENIED: { transient: true, check: 'the ACLs, or the IAM policy, of the login on that cluster' },
  QUARANTINE_UNREACHABLE: { transient: true, check: 'the quarantine bucket and the rights of the role' },
  GROUP_BUSY: { transient: true, check: 'who besides the mapping reads as its consumer group' },
  GROUP_DENIED: { transient: true, check: 'the ACLs, or the IAM policy, of the login on that cluster' },
  GROUP_REFUSED: {
    transient: false,
    check: 'the answer of the cluster, its limits for offsets, and whether a share group there has the same name',
  },
  ACCESS_DENIED: { transient: true, check: 'the ACLs on Cluster of the login on that cluster' },
  ACCESS_REFUSED: { transient: false, check: 'the answer of the cluster' },
  NO_AUTHORIZER: {
    transient: false,
    check: 'whether the brokers have an authorizer (authorizer.class.name), or take `access` out of the link',
  },
  MAPPINGS_UNREACHABLE: { transient: true, check: 'the Lambda API, its quota of requests and the route to it' },
  MAPPINGS_DENIED: { transient: true, check: 'the policies of the role that the message names' },
  MAPPING_REFUSED: { transient: false, check: 'what Lambda says about the event source mapping' },
  FUNCTION_UNREACHABLE: {
    transient: true,
    check: 'the credentials, what they may do with the function, and the route to the Lambda API',
  },
  FUNCTION_FAILED: { transient: true, check: 'the newest lines in the log group of the function' },
  POINTER_UNREACHABLE: {
    transient: true,
    check: 'the route to Systems Manager in that region, and the rights of the role on the parameter and its key',
  },
  TAIL_LEFT: {
    transient: false,
    check: 'what the old active cluster holds where the message says so, and that its fence holds',
  },
  TAIL_UNREACHABLE: { transient: true, check: 'the bucket of the failover and the rights of the role' },
  TAIL_DAMAGED: {
    transient: false,
    check: 'the older versions of that object in the bucket of the failover, and who else writes there',
  },
  OUTPUT_UNWRITABLE: { transient: false, check: 'the space that is left there, and your rights on it' },
  REPORT_UNREACHABLE: { transient: true, check: 'the bucket of the failover and the rights of the role' },
  MACHINE_UNREACHABLE: {
    transient: true,
    check:
      'the rights of the role on executions of the state machine, and whether Step Functions answers in that region',
  },
  TOPIC_UNFOLLOWED: { transient: true, check: 'the name of the topic, and whether the link has met it yet' },
  UNEXPECTED: { transient: true, check: 'the cause in the log; this is a fault of Twinshore' },
  DEADLINE_PASSED: { transient: true, check: 'the timeout of the function and the speed of the target' },
} as const satisfies Record<string, { transient: boolean; check: string }>

export type ErrorCode = keyof typeof ERROR_CODES

/**
 * The one error class of the system. `message` says what was being done and to what; the code says whether trying again
 * can help and what the operator should check. Never carries keys, values or header values of records.
 */
export class ReplicationError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, doing: string, options?: { cause?: unknown }) {
    super(`${code}: ${doing} (check ${ERROR_CODES[code].check})`, options)
    this.name = 'ReplicationError'
    this.code = code
  }

  get transient(): boolean {
    return ERROR_CODES[this.code].transient
  }
}

/** What nobody foresaw is a fault of ours: it stops the partition, keeps the batch, and carries its cause into the log. */
export const asReplicationError = (error: unknown, doing: string): ReplicationError =>
  error instanceof ReplicationError ? error : new ReplicationError('UNEXPECTED', doing, { cause: error })

/** What a function answers has to fit into what a state machine takes, some 32,000 characters. So many are told at most, */
const MOST_TOLD = 50
/** and word by word as far as this reaches. */
const MOST_CHARACTERS = 20_000

/**
 * Several that failed side by side as one error that tells all of them, what is alike once. Its code is that of one that
 * does not pass by itself, when there is such a one. One alone stays as it is; `undefined`: none failed.
 */
export const allAsOne = (failures: readonly ReplicationError[], doing: string): ReplicationError | undefined => {
  const first = failures.find(({ transient }) => !transient) ?? failures[0]
  if (first === undefined || failures.length === 1) return first
  const told = toldOf([...new Set(failures.map(({ message }) => message))])
  const untold = failures.filter(({ message }) => !told.has(message)).map(({ code }) => code)
  const more = untold.length === 0 ? [] : [`and ${untold.length} more: ${[...new Set(untold)].join(', ')}`]
  const what = [...told.values(), ...more].join('; ')
  return new ReplicationError(first.code, `${doing}: ${failures.length} failed: ${what}`, {
    cause: new AggregateError(failures),
  })
}

/** The first messages, and how each is told: where one alone is too long, that is its beginning. */
const toldOf = (messages: readonly string[]): ReadonlyMap<string, string> => {
  const told = new Map<string, string>()
  let room = MOST_CHARACTERS
  for (const message of messages.slice(0, MOST_TOLD)) {
    if (message.length > room && told.size > 0) break
    told.set(message, message.length > room ? `${message.slice(0, room)}…` : message)
    room -= message.length
  }
  return told
}
