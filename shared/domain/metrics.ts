/** The CloudWatch namespace of everything that is measured. */
export const METRIC_NAMESPACE = 'Twinshore'

interface Measure {
  readonly unit: 'Count' | 'Bytes' | 'Seconds' | 'Milliseconds'
  readonly means: string
}

/**
 * What the replicate function measures, each under the dimensions of its link, and no other: an alarm finds a metric only by
 * exactly its dimensions. What of it is also told with `topic`: `METRICS_BY_TOPIC`, and gaps when there are any.
 */
export const METRICS = {
  ReplicatedRecords: { unit: 'Count', means: 'records that are on the target, with their checkpoint written' },
  ReplicatedBytes: { unit: 'Bytes', means: 'bytes of the record batches that the target acknowledged' },
  RedeliveredRecords: { unit: 'Count', means: 'polled records that were replicated before, and were left out' },
  LoopedRecords: { unit: 'Count', means: 'records that came from the target, and were not copied back to it' },
  UntrustedProvenance: {
    unit: 'Count',
    means: 'records with a provenance header that is malformed or of another record; they are replicated as any other',
  },
  UnmappedTargetRecords: {
    unit: 'Count',
    means: 'target offsets that no run covers: a batch that was appended twice; not counted with provenance',
  },
  LostRecords: { unit: 'Count', means: 'source offsets that retention took before they were replicated' },
  QuarantinedRecords: { unit: 'Count', means: 'records that the target refused and the bucket keeps' },
  RefusedRecords: { unit: 'Count', means: 'records that the target refuses for good' },
  FailedPartitions: { unit: 'Count', means: 'partitions of an invocation that have to be delivered again' },
  StandstillSeconds: { unit: 'Seconds', means: 'how long a failing partition has not moved' },
  AppendMs: { unit: 'Milliseconds', means: 'time from handing a partition to the target to its last acknowledgement' },
  CheckpointWrites: { unit: 'Count', means: 'writes to the table of the link' },
} as const satisfies Record<string, Measure>

/** Under `topic` as well, of every topic that has records; each is billed as a metric of its own. */
export const METRICS_BY_TOPIC = [
  'ReplicatedRecords',
  'ReplicatedBytes',
] as const satisfies readonly (keyof typeof METRICS)[]

/** What a pass over the topics of a link measures: under the dimensions of its link, a fault also with `topic`. */
export const TOPIC_METRICS = {
  TopicDrift: { unit: 'Count', means: 'changes that were missing for the target to follow the topics of the source' },
  MappingsOff: { unit: 'Count', means: 'event source mappings that were disabled although nobody had paused them' },
  FaultedTopics: { unit: 'Count', means: 'topics that stand until somebody acts, or whose change was refused' },
} as const satisfies Record<string, Measure>

/** What a pass over the rights of a link measures, under the dimensions of its link. */
export const ACCESS_METRICS = {
  AclDrift: { unit: 'Count', means: 'rights and quotas that were not as planned after a pass' },
  AccessFaulted: { unit: 'Count', means: 'principals of the target of which a right could not follow' },
} as const satisfies Record<string, Measure>

/** What a pass over the consumer groups of a link measures, under the dimensions of its link. */
export const GROUP_METRICS = {
  GroupsMoved: { unit: 'Count', means: 'consumer groups of which a position was moved' },
  PositionsMoved: { unit: 'Count', means: 'positions that were committed on the target' },
  PositionsHeldBack: {
    unit: 'Count',
    means:
      'positions that were left where they are, for a reason that `plan` names; those that are no news do not count',
  },
  PositionsFailed: { unit: 'Count', means: 'positions that could not be read or committed' },
  GroupsLive: { unit: 'Count', means: 'consumer groups that were left alone since they have members on the target' },
  GroupsFaulted: { unit: 'Count', means: 'consumer groups of which something could not be read or moved' },
} as const satisfies Record<string, Measure>

/** What a look at both clusters measures, under the dimensions of its link. */
export const VERIFY_METRICS = {
  VerifiedRecords: { unit: 'Count', means: 'records that were compared on both clusters and are the same' },
  VerifyDifferences: {
    unit: 'Count',
    means: 'records that differ, are missing or foreign, and holes of which nobody can tell any more what was in them',
  },
} as const satisfies Record<string, Measure>

/**
 * What the lag canary measures, every ten seconds under the dimensions of its link, gaps once a minute; also with `topic`, once
 * a minute, the lag of the hundred topics that are furthest behind, and the rate of the twenty to which most is written.
 */
export const LAG_METRICS = {
  LagRecords: { unit: 'Count', means: 'records on the source that are not replicated' },
  LagSeconds: { unit: 'Seconds', means: 'how long the oldest of them has been waiting on the source' },
  TimeToLossSeconds: {
    unit: 'Seconds',
    means: 'how long until retention on the source takes one of them; absent while none is in danger',
  },
  GoneRecords: {
    unit: 'Count',
    means: 'source offsets that retention took before they were replicated, and that the gap ledger does not name yet',
  },
  UnmeasuredPartitions: {
    unit: 'Count',
    means: 'partitions of which nobody can tell how far they are behind, although the source answers',
  },
  GapRecords: {
    unit: 'Count',
    means: 'source offsets that the gap ledger has as lost, or as in quarantine and not put back',
  },
  UncoveredTargetRecords: {
    unit: 'Count',
    means: 'target offsets between replicated records that no run covers; not counted with provenance or exactly once',
  },
  SourceRecordsPerSecond: { unit: 'Count', means: 'offsets a second by which the source grows' },
  SourceUnreachableSeconds: { unit: 'Seconds', means: 'how long no broker of the source has answered; 0: they do' },
  FailoverLostRecords: { unit: 'Count', means: 'records that a failover at this instant would lose' },
  FailoverRereadRecords: {
    unit: 'Count',
    means: 'records that consumer groups would read again after a failover at this instant',
  },
} as const satisfies Record<string, Measure>

/** What beats measure, under the dimensions of their link: once a minute how many went out, and of each that arrived how long it took. */
export const HEARTBEAT_METRICS = {
  HeartbeatsSent: { unit: 'Count', means: 'beats that were written to the source, those made up for among them' },
  HeartbeatLatencyMs: {
    unit: 'Milliseconds',
    means: 'time from writing a beat to the source to having written its checkpoint, the batch window included',
  },
  HeartbeatAgeSeconds: { unit: 'Seconds', means: 'how long ago the newest beat that is on the target was written' },
} as const satisfies Record<string, Measure>

/** What a look at the racks of both clusters measures, every five minutes under the dimensions of its link and `side`. */
export const RACK_METRICS = {
  UnsafePartitions: {
    unit: 'Count',
    means:
      'partitions of the source or the target that would take no records when one rack is lost; absent: nobody can tell of any',
  },
} as const satisfies Record<string, Measure>

/** What a look at what an old active cluster is owed measures, once a minute under the dimensions of the link that was failed over. */
export const FENCE_METRICS = {
  FencePending: { unit: 'Count', means: 'old active clusters that nobody has kept from being written to yet' },
  StrandedRecords: {
    unit: 'Count',
    means: 'records that the old active cluster took and the new one never got, until they are settled',
  },
} as const satisfies Record<string, Measure>

/** What a failover along a link tells of itself, under the dimensions of its link. */
export const FAILOVER_METRICS = {
  ApprovalPending: { unit: 'Count', means: 'executions that wait until somebody approves what their preflight found' },
  FailoverHeld: { unit: 'Count', means: 'executions past the point of no return that wait for an operator' },
  DrillAgeDays: {
    unit: 'Count',
    means: 'days since a drill in this direction went well, or since the first pass that knew of none',
  },
} as const satisfies Record<string, Measure>

export type MetricName =
  | keyof typeof METRICS
  | keyof typeof TOPIC_METRICS
  | keyof typeof GROUP_METRICS
  | keyof typeof ACCESS_METRICS
  | keyof typeof VERIFY_METRICS
  | keyof typeof LAG_METRICS
  | keyof typeof HEARTBEAT_METRICS
  | keyof typeof FENCE_METRICS
  | keyof typeof FAILOVER_METRICS

/** Two installations in one account may have links of the same name. */
export const linkDimensions = (link: { readonly installation: string; readonly name: string }) => ({
  installation: link.installation,
  link: link.name,
})

export const TOPIC_DIMENSION = 'topic'

/** `source` or `target`. */
export const SIDE_DIMENSION = 'side'
