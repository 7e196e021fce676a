import { Duration } from 'aws-cdk-lib'
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { rackWatches } from './rack-watches.ts'
import { measured, type Watch } from './watch.ts'

/** When a failover would lose something, or nobody knows what. */
export const lagWatches = (link: Link, canary: IFunction): readonly Watch[] => [
  ...ofLag(link),
  ...recordsBehind(link),
  ...unknownLosses(link),
  ...ofCanary(link, canary),
  ...rackWatches(link),
]

const ofLag = (link: Link): readonly Watch[] => [
  {
    id: 'lag-seconds',
    metric: measured(link, 'LagSeconds', Stats.MAXIMUM),
    threshold: link.thresholds.lagSeconds,
    unsafe: true,
    wrong: `A record has been waiting on the source for ${link.thresholds.lagSeconds} s or longer.`,
    means: 'It is not on the target: a failover now would lose it and what came after it in its partition.',
    remedy: `Run \`npx twinshore status ${link.name}\`, which names the partitions furthest behind; look whether other alarms of the link are on, whether the event source mappings are enabled and can log in, and whether there are enough pollers.`,
  },
  {
    id: 'time-to-loss',
    metric: endangered(link),
    threshold: ON_ITS_WAY_SECONDS,
    periods: { bad: 3, of: 3 },
    unsafe: true,
    wrong: `Retention on the source takes records in less than ${link.thresholds.timeToLossMs / 60_000} min that are not replicated.`,
    means: 'Then they are gone for good; the gap ledger will say which.',
    remedy:
      'Raise retention.ms and retention.bytes of the topics on the source now, before you look for the cause; then do what lag-seconds says.',
  },
]

/** What nobody can mend any more, or nobody can tell: a failover may then lose what no figure of the lag shows. */
const unknownLosses = (link: Link): readonly Watch[] => [
  {
    id: 'gone-records',
    // Told in every sample as long as it is so: the alarm stays on although nothing waits any more.
    metric: measured(link, 'GoneRecords', Stats.MAXIMUM),
    threshold: 1,
    unsafe: true,
    wrong:
      'Retention on the source, or the deletion of a topic, took offsets that were not replicated, and the gap ledger does not name them yet.',
    means:
      'Records may be lost; nobody knows which before the partition gets its next record, with which replication writes the exact range into the ledger.',
    remedy: `Run \`npx twinshore status ${link.name}\`, which names the partitions; raise their retention, find out why they were not replicated in time, and restore what matters from elsewhere. On a partition that nobody writes to any more, one further record settles it; of a topic that is no more, the function for topics after a quarter of an hour.`,
  },
  {
    id: 'unmeasured-partitions',
    metric: measured(link, 'UnmeasuredPartitions', Stats.MAXIMUM),
    threshold: 1,
    // While a broker restarts its partitions have no leader.
    periods: { bad: 3, of: 3 },
    unsafe: true,
    wrong: 'For three minutes nobody could tell how far some partitions are behind.',
    means: 'A failover now may lose records of them that no other alarm knows of.',
    remedy: `Run \`npx twinshore status ${link.name}\`, which says why: may the login DESCRIBE and READ these topics, does every partition have a leader, and does the table hold a readable checkpoint of each?`,
  },
]

/** What is on its way is in no danger: a topic may well keep its records for less than the threshold. */
const ON_ITS_WAY_SECONDS = 60

/** Asked of `left` first, since it is missing while nothing is in danger, and CloudWatch takes a missing operand for 0. */
const endangered = (link: Link): MathExpression =>
  new MathExpression({
    expression: `IF(left < ${link.thresholds.timeToLossMs / 1_000}, waiting, 0)`,
    usingMetrics: {
      waiting: measured(link, 'LagSeconds', Stats.MAXIMUM),
      left: measured(link, 'TimeToLossSeconds', Stats.MINIMUM),
    },
    label: 'for how many seconds records wait that the source will delete soon',
    period: Duration.minutes(1),
  })

const recordsBehind = (link: Link): readonly Watch[] => {
  const { lagRecords } = link.thresholds
  if (lagRecords === undefined) return []
  return [
    {
      id: 'lag-records',
      metric: measured(link, 'LagRecords', Stats.MAXIMUM),
      threshold: lagRecords,
      periods: { bad: 3, of: 3 },
      unsafe: true,
      wrong: `For three minutes ${lagRecords} records or more of the source have not been on the target.`,
      means: 'A failover now would lose them.',
      remedy: `Run \`npx twinshore status ${link.name}\`; a burst ends by itself when replication is faster than the source, else raise the number of pollers or partitions.`,
    },
  ]
}

const ofCanary = (link: Link, canary: IFunction): readonly Watch[] => [
  {
    id: 'source-unreachable',
    metric: measured(link, 'SourceUnreachableSeconds', Stats.MAXIMUM),
    threshold: 60,
    // Not unsafe: this may be why somebody fails over, and what that loses is told by the last known figures.
    wrong: 'No broker of the source has answered for a minute.',
    means: 'Nothing is replicated, and what the source takes meanwhile is not known here.',
    remedy: `Is the source down, or the way to it (peering, security groups, DNS, the login)? \`npx twinshore status ${link.name}\` has the last known figures, to decide on a failover.`,
  },
  {
    id: 'not-measured',
    metric: measured(link, 'LagSeconds', Stats.SAMPLE_COUNT),
    threshold: 1,
    firesWhen: 'below',
    periods: { bad: 3, of: 3 },
    missing: 'bad',
    unsafe: true,
    wrong: 'Nobody has measured the lag for three minutes.',
    means: 'What a failover would lose is not known, and no other alarm of the lag can go off.',
    remedy:
      'Is the schedule of measure-lag enabled? Read the error code in the newest error of its log group; it says what to check.',
  },
  {
    id: 'measure-lag-errors',
    metric: canary.metricErrors({ period: Duration.minutes(5) }),
    threshold: 3,
    wrong: 'The function that measures the lag fails.',
    means: 'There are too few samples, or none; replication itself goes on.',
    remedy: 'Read the error code in the newest error of the log group of measure-lag; it says what to check.',
  },
]
