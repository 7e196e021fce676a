import { Duration } from 'aws-cdk-lib'
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { measured, type Watch } from './watch.ts'

/** When the replication of records needs an operator. */
export const replicationWatches = (link: Link, replicator: IFunction): readonly Watch[] => [
  ...ofFunction(link, replicator),
  ...ofRecords(link),
  duplicates(link),
]

/** Percent of the records that were appended. A crash repeats one batch; a link that does so all the time has a cause. */
const DUPLICATE_PERCENT = 5

const duplicates = (link: Link): Watch => ({
  id: 'duplicates',
  metric: new MathExpression({
    expression: '100 * unmapped / (unmapped + replicated)',
    usingMetrics: {
      unmapped: measured(link, 'UnmappedTargetRecords', Stats.SUM, 15),
      replicated: measured(link, 'ReplicatedRecords', Stats.SUM, 15),
    },
    label: 'records appended twice, in percent',
    period: Duration.minutes(15),
  }),
  threshold: DUPLICATE_PERCENT,
  periods: { bad: 2, of: 2 },
  wrong: `Of the records that were appended in the last half hour, ${DUPLICATE_PERCENT} % or more are on the target twice.`,
  means:
    'Nothing is lost, and groups resume behind the copies; but consumers of the target read them, and something keeps ending invocations between append and checkpoint.',
  remedy:
    'Look in the log group for "partition failed" and for invocations that ran into their timeout; is the table throttled, or functionTimeoutMs too short? With delivery exactly-once readers of committed records see no copies.',
})

const ofFunction = ({ thresholds }: Link, replicator: IFunction): readonly Watch[] => [
  {
    id: 'function-errors',
    metric: replicator.metricErrors({ period: Duration.minutes(5) }),
    threshold: thresholds.functionErrors,
    wrong: 'Invocations of the replicate function fail.',
    means: 'Nothing is lost: the pollers bring the same batches again, but their partitions wait.',
    remedy: 'Read the error code in the newest line "partition failed" of the log group; it says what to check.',
  },
  {
    id: 'throttles',
    metric: replicator.metricThrottles({ period: Duration.minutes(5) }),
    threshold: thresholds.throttles,
    wrong: 'Lambda throttles the replicate function.',
    means: 'Partitions wait, and the lag grows.',
    remedy:
      'Raise the concurrency of the account, or reservedConcurrency of the link, to the number of its partitions.',
  },
]

const ofRecords = (link: Link): readonly Watch[] => [
  {
    id: 'standstill',
    // Attempts of a failing batch may lie minutes apart, and the alarm must not clear between them.
    metric: measured(link, 'StandstillSeconds', Stats.MAXIMUM, 5),
    threshold: link.thresholds.standstillMs / 1000,
    unsafe: true,
    wrong: 'A partition fails again and again, and stands still while records wait.',
    means: 'They are lost when the retention of the source takes them.',
    remedy:
      'Find topic, partition and error code in the lines "partition failed" of the log group and mend what the code names; the pollers go on by themselves.',
  },
  {
    id: 'lost-records',
    metric: measured(link, 'LostRecords', Stats.SUM),
    threshold: 1,
    wrong: 'The source deleted records before they were replicated.',
    means: 'They are not on the target and cannot come from the source any more; the gap ledger has the exact offsets.',
    remedy:
      'Restore them from elsewhere if they matter, and raise the retention of the source above the longest outage.',
  },
  {
    id: 'quarantined-records',
    metric: measured(link, 'QuarantinedRecords', Stats.SUM),
    threshold: 1,
    wrong: 'The target refused records, and they were put into the quarantine bucket.',
    means: 'Replication goes on without them; the gap ledger says which and why.',
    remedy: 'Change the limits of the target topic, and put them back with `npx twinshore replay`.',
  },
  {
    id: 'refused-records',
    metric: measured(link, 'RefusedRecords', Stats.SUM),
    threshold: 1,
    unsafe: true,
    wrong: 'The target refuses a record for good.',
    means: 'Its partition waits behind it until the record is taken or left out.',
    remedy:
      'Raise the limit of the target topic that the log line names (max.message.bytes, timestamp bounds, compaction without a key), or set onPoison to quarantine.',
  },
]
