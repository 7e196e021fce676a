import { Duration } from 'aws-cdk-lib'
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  type Metric,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import { dashboardName } from '../../shared/domain/link-names.ts'
import { linkDimensions, METRIC_NAMESPACE, type MetricName, TOPIC_DIMENSION } from '../../shared/domain/metrics.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { measured } from './watch.ts'

export interface LinkDashboardProps {
  readonly link: Link
  /** The names of its alarms, that which sums them up first. */
  readonly alarms: readonly string[]
}

const WHOLE = 24
const HALF = 12

/** What somebody sees of a link in ten seconds: what is wrong, what a failover would lose now, and how that came about. */
export class LinkDashboard extends Construct {
  constructor(scope: Construct, id: string, { link, alarms }: LinkDashboardProps) {
    super(scope, id)
    const status = new AlarmStatusWidget({
      title: `${link.source.name} to ${link.target.name}`,
      alarms: alarms.map((name) => Alarm.fromAlarmName(this, name, name)),
      width: WHOLE,
      height: 5,
    })
    const widgets = [[status], [failoverNow(link)], ...pairs(graphs(link))]
    new Dashboard(this, 'Dashboard', { dashboardName: dashboardName(link), widgets })
  }
}

const shown = (link: Link, name: MetricName, statistic: string, label: string): Metric =>
  measured(link, name, statistic).with({ label })

const failoverNow = (link: Link): IWidget =>
  new SingleValueWidget({
    title: `A failover to ${link.target.name} now`,
    width: WHOLE,
    height: 4,
    metrics: [
      shown(link, 'FailoverLostRecords', Stats.MAXIMUM, 'records lost'),
      shown(link, 'FailoverRereadRecords', Stats.MAXIMUM, 'records read again'),
      shown(link, 'LagSeconds', Stats.MAXIMUM, 'seconds behind'),
      shown(link, 'TimeToLossSeconds', Stats.MINIMUM, 'seconds until the source deletes'),
      shown(link, 'SourceUnreachableSeconds', Stats.MAXIMUM, 'seconds without the source'),
    ],
  })

const graphs = (link: Link): readonly GraphWidget[] => [
  graph('Behind, in seconds', [byTopic(link, 'LagSeconds')], { value: link.thresholds.lagSeconds, label: 'alarm' }),
  graph('Behind, in records', [byTopic(link, 'LagRecords')]),
  graph('Heartbeats from end to end, in ms', [
    shown(link, 'HeartbeatLatencyMs', Stats.p(50), 'half of them within'),
    shown(link, 'HeartbeatLatencyMs', Stats.p(99), '99 of 100 within'),
  ]),
  graph('Records in a minute', [
    shown(link, 'ReplicatedRecords', Stats.SUM, 'replicated'),
    shown(link, 'RedeliveredRecords', Stats.SUM, 'brought again'),
    shown(link, 'UnmappedTargetRecords', Stats.SUM, 'appended twice'),
  ]),
  graph('Records that are not on the target, and differences', [
    shown(link, 'LostRecords', Stats.SUM, 'lost'),
    shown(link, 'QuarantinedRecords', Stats.SUM, 'in quarantine'),
    shown(link, 'VerifyDifferences', Stats.SUM, 'different'),
  ]),
  graph('Consumer groups', [
    shown(link, 'PositionsMoved', Stats.SUM, 'positions moved'),
    shown(link, 'GroupsLive', Stats.MAXIMUM, 'groups on the target'),
    shown(link, 'GroupsFaulted', Stats.MAXIMUM, 'groups that cannot follow'),
  ]),
]

const graph = (
  title: string,
  left: IMetric[],
  limit?: { readonly value: number; readonly label: string },
): GraphWidget => new GraphWidget({ title, left, width: HALF, height: 6, ...(limit && { leftAnnotations: [limit] }) })

const pairs = (widgets: readonly IWidget[]): IWidget[][] =>
  widgets.flatMap((widget, at) => (at % 2 === 0 ? [[widget, ...widgets.slice(at + 1, at + 2)]] : []))

/** Topics come and go, so that they are found when somebody looks. */
const byTopic = (link: Link, name: MetricName): MathExpression => {
  const dimensions = Object.entries(linkDimensions(link))
  const schema = [METRIC_NAMESPACE, ...dimensions.map(([key]) => key), TOPIC_DIMENSION].join(',')
  const values = dimensions.map(([key, value]) => `${key}="${value}"`).join(' ')
  return new MathExpression({
    expression: `SEARCH('{${schema}} MetricName="${name}" ${values}', 'Maximum', 60)`,
    label: '',
    period: Duration.minutes(1),
  })
}
