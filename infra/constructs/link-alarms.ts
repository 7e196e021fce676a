import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { alarmName } from '../../shared/domain/link-names.ts'
import { linkDimensions, METRIC_NAMESPACE, type MetricName } from '../../shared/domain/metrics.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'

export interface LinkAlarmsProps {
  readonly link: Link
  readonly replicator: IFunction
  /** An SNS topic that every alarm tells. @default nobody is told */
  readonly alarmTopicArn?: string
}

interface Watch {
  readonly id: string
  readonly metric: IMetric
  readonly threshold: number
  /** Sentences for whoever is woken up. */
  readonly wrong: string
  readonly means: string
  readonly remedy: string
}

/** A link tells through these that it needs an operator. A metric that is missing is a link without work, not a failure. */
export class LinkAlarms extends Construct {
  constructor(scope: Construct, id: string, { link, replicator, alarmTopicArn }: LinkAlarmsProps) {
    super(scope, id)
    const topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', alarmTopicArn)
    for (const { id: alarmId, metric, threshold, wrong, means, remedy } of [
      ...ofFunction(link, replicator),
      ...ofRecords(link),
    ]) {
      const alarm = new Alarm(this, alarmId, {
        alarmName: alarmName(link, alarmId),
        alarmDescription: `Link ${link.name}, ${link.source.name} to ${link.target.name}: ${wrong} ${means} ${remedy}`,
        metric,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      })
      if (topic !== undefined) alarm.addAlarmAction(new SnsAction(topic))
    }
  }
}

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
    wrong: 'The target refuses a record for good.',
    means: 'Its partition waits behind it until the record is taken or left out.',
    remedy:
      'Raise the limit of the target topic that the log line names (max.message.bytes, timestamp bounds, compaction without a key), or set onPoison to quarantine.',
  },
]

const measured = (link: Link, metricName: MetricName, statistic: string, minutes = 1): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: linkDimensions(link),
    statistic,
    period: Duration.minutes(minutes),
  })
