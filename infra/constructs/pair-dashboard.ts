import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  type IAlarm,
  type IWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { counted, graph, limit, numbers, perSecond, plain, worstTopics } from './dashboard-widgets.ts'
import { failoverHistory } from './failover-history.ts'

/** A link, and the names of all its alarms in the region of the dashboard. */
export interface LinkOnDashboard {
  readonly link: Link
  readonly alarms: readonly string[]
  /** The alarm that sums the others up. A link in no pair has none. */
  readonly safety?: string
  /** Whether a state machine fails over along it. */
  readonly failsOver: boolean
}

export interface PairDashboardProps {
  readonly dashboardName: string
  readonly links: readonly LinkOnDashboard[]
  /** Where people read the README. */
  readonly runbook?: string
}

/**
 * What somebody who was woken up sees of a pair in ten seconds: what is on, what a failover would lose now, and for how long
 * that has been so. Of the links that are placed in one region, so that it outlives the loss of another.
 */
export class PairDashboard extends Construct {
  constructor(scope: Construct, id: string, { dashboardName, links, runbook }: PairDashboardProps) {
    super(scope, id)
    const shown = links.map(({ link }) => link)
    const failingOver = links.filter(({ failsOver }) => failsOver).map(({ link }) => link)
    new Dashboard(this, 'Dashboard', {
      dashboardName,
      defaultInterval: Duration.hours(3),
      widgets: [
        ...links.map((one) => this.#status(one)),
        ...shown.map((link) => [failoverNow(link)]),
        lag(shown),
        way(shown),
        outcome(shown),
        ...(failingOver.length > 0 ? [[...failoverHistory(this, failingOver)]] : []),
        [sections(runbook)],
      ],
    })
  }

  /** The verdict, and beside it why. */
  #status({ link, alarms, safety }: LinkOnDashboard): IWidget[] {
    const title = `${link.source.name} to ${link.target.name}`
    const all = new AlarmStatusWidget({
      title: `Alarms, ${title}`,
      alarms: alarms.map((name) => this.#alarm(name)),
      width: safety === undefined ? WHOLE : WHOLE - SAFETY,
      height: 6,
    })
    if (safety === undefined) return [all]
    const verdict = {
      title: `Failover to ${link.target.name}`,
      alarms: [this.#alarm(safety)],
      width: SAFETY,
      height: 6,
    }
    return [new AlarmStatusWidget(verdict), all]
  }

  /** By name only, since alarms are in stacks of their own. */
  #alarm(name: string): IAlarm {
    const arn = {
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }
    return Alarm.fromAlarmArn(this, name, Stack.of(this).formatArn(arn))
  }
}

const WHOLE = 24
const SAFETY = 5

const failoverNow = (link: Link): IWidget =>
  numbers(`What a failover to ${link.target.name} would do now`, [
    plain(link, 'FailoverLostRecords', Stats.MAXIMUM, 'records lost'),
    ...(link.syncGroups ? [plain(link, 'FailoverRereadRecords', Stats.MAXIMUM, 'records read again')] : []),
    plain(link, 'LagSeconds', Stats.MAXIMUM, 'seconds behind'),
    plain(link, 'TimeToLossSeconds', Stats.MINIMUM, 'seconds until loss (--: no danger)'),
    ...(link.heartbeats ? [plain(link, 'HeartbeatAgeSeconds', Stats.MAXIMUM, 'age of the newest heartbeat, s')] : []),
    plain(link, 'SourceUnreachableSeconds', Stats.MAXIMUM, 'seconds without the source'),
  ])

const lag = (links: readonly Link[]): IWidget[] => [
  graph('Lag: how many seconds the oldest record of a topic has waited', {
    left: worstTopics(links, 'LagSeconds'),
    limits: links.map((link) => limit(link, links, link.thresholds.lagSeconds)),
    width: 12,
  }),
  graph('Lag: how many records of a topic are not on the target', {
    left: worstTopics(links, 'LagRecords'),
    width: 12,
  }),
]

const way = (links: readonly Link[]): IWidget[] => {
  const beating = links.filter(({ heartbeats }) => heartbeats)
  const heartbeats = graph('Heartbeats from end to end', {
    left: counted(beating, [
      ['HeartbeatLatencyMs', Stats.p(50), 'p50, ms'],
      ['HeartbeatLatencyMs', Stats.p(99), 'p99, ms'],
    ]),
    right: counted(beating, [['HeartbeatAgeSeconds', Stats.MAXIMUM, 'age of the newest, s (right)']]),
    width: 8,
  })
  const throughput = graph('Throughput per second', {
    left: [
      ...counted(links, [['SourceRecordsPerSecond', Stats.AVERAGE, 'records written on the source']]),
      ...perSecond(links, 'ReplicatedRecords', 'records replicated'),
    ],
    right: perSecond(links, 'ReplicatedBytes', 'bytes replicated (right)'),
    width: beating.length > 0 ? 8 : 12,
  })
  const cost = graph('What a failover would have lost, or read again', {
    left: [
      ...counted(links, [['FailoverLostRecords', Stats.MAXIMUM, 'records lost']]),
      ...counted(syncing(links), [['FailoverRereadRecords', Stats.MAXIMUM, 'records read again']]),
    ],
    width: beating.length > 0 ? 8 : 12,
  })
  return beating.length > 0 ? [heartbeats, throughput, cost] : [throughput, cost]
}

/** A widget, once it is known how wide it may be. */
type Sized = (width: number) => IWidget

/** Widgets beside one another, all equally wide; one more is one line more. */
const row = (widgets: readonly Sized[]): IWidget[] => widgets.map((widget) => widget(WHOLE / widgets.length))

const outcome = (links: readonly Link[]): IWidget[] => {
  const moving = syncing(links)
  return row([
    (width) => gaps(links, width),
    ...(moving.length > 0 ? [(width: number) => groupPositions(moving, width)] : []),
    (width) => verification(links, width),
  ])
}

const gaps = (links: readonly Link[], width: number): IWidget =>
  graph('Gaps and quarantine: records that are not on the target', {
    left: counted(links, [
      ['LostRecords', Stats.SUM, 'lost'],
      ['QuarantinedRecords', Stats.SUM, 'in quarantine'],
      ['RefusedRecords', Stats.SUM, 'refused, their partition waits'],
      ['GoneRecords', Stats.MAXIMUM, 'gone, and not in the ledger yet'],
    ]),
    right: counted(links, [
      ['GapRecords', Stats.MAXIMUM, 'all that the ledger has (right)'],
      ['UncoveredTargetRecords', Stats.MAXIMUM, 'on the target and in no run (right)'],
    ]),
    width,
  })

const groupPositions = (links: readonly Link[], width: number): IWidget =>
  graph('Group positions', {
    left: counted(links, [
      ['PositionsMoved', Stats.SUM, 'moved'],
      ['PositionsHeldBack', Stats.MAXIMUM, 'held back'],
      ['PositionsFailed', Stats.SUM, 'failed'],
      ['GroupsLive', Stats.MAXIMUM, 'groups at work on the target'],
      ['GroupsFaulted', Stats.MAXIMUM, 'groups that cannot follow'],
    ]),
    right: counted(links, [['FailoverRereadRecords', Stats.MAXIMUM, 'records behind the source (right)']]),
    width,
  })

const verification = (links: readonly Link[], width: number): IWidget =>
  graph('Verification: records of both clusters', {
    left: counted(links, [['VerifyDifferences', Stats.SUM, 'different']]),
    right: counted(links, [['VerifiedRecords', Stats.SUM, 'the same (right)']]),
    width,
  })

const syncing = (links: readonly Link[]): readonly Link[] => links.filter(({ syncGroups }) => syncGroups)

/** Headings of the README, and what for. */
const SECTIONS = [
  ['Alarms and what to do', 'each alarm, what it means and what to do'],
  ['Lag', 'where these figures come from, and `npx twinshore status`'],
  ['Verification', 'gaps, differences, and how to look at them'],
  ['Consumer groups', 'which follow, and which are left alone'],
  ['Failing over', 'and back, and rehearsing it; what to do when it is held'],
  ['Operate', 'commands: plan, apply, pause, replay, verify'],
] as const

const anchor = (heading: string): string => `#${heading.toLowerCase().replaceAll(' ', '-')}`

const sections = (runbook: string | undefined): IWidget => {
  const lines = SECTIONS.map(([heading, what]) => {
    const link = runbook === undefined ? `**${heading}**` : `[${heading}](${runbook}${anchor(heading)})`
    return `- ${link}: ${what}`
  })
  return new TextWidget({ markdown: ['## In the README', ...lines].join('\n'), width: WHOLE, height: 4 })
}
