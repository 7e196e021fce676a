import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Template } from '../../local/aws/assembly.ts'
import { type AlarmDefinition, alarmsIn, metricsWatched } from '../../local/cloudwatch/alarm-definition.ts'
import { alarmsOf, dashboardsIn, metricsOf } from '../../local/cloudwatch/dashboard-body.ts'
import { drawDashboard } from '../../local/cloudwatch/dashboard-picture.ts'
import { isMatch, type Metric } from '../../local/cloudwatch/metric.ts'
import { createMetricStore } from '../../local/cloudwatch/metric-store.ts'
import { FAILOVER_METRICS, FENCE_METRICS, METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import type { Topology } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { emittedBy } from '../support/emitted-by-link.ts'
import { east, link, mskEast, mskWest, valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise } from './synthesised.ts'

type Input = Parameters<typeof defineTopology>[0]

/** Of all that a link can have, all. */
const everything = defineTopology(
  withLink({
    ...{ heartbeats: true, access: { principals: { 'User:a': 'User:a' } } },
    thresholds: { lagSeconds: 77, lagRecords: 1_000 },
  }),
)

const PAIR = { clusters: ['west', 'east'] } as const

/** What neither an alarm nor a widget shows; alarms have a list of their own. */
const NOWHERE: Readonly<Record<string, string>> = {
  AppendMs: 'to look into a slow target; that it is slow shows in lag and throughput',
  CheckpointWrites: 'what it costs',
  FailedPartitions: 'to look into function-errors and standstill',
  GroupsMoved: 'positions moved say the same',
  LoopedRecords: 'what provenance is for',
  RedeliveredRecords: 'redelivery is what pollers do, and harmless',
  UntrustedProvenance: 'they are replicated as any other',
}

const seen = (input: Input, region = 'eu-west-1') => seenOf(defineTopology(input), region)

const seenOf = (topology: Topology, region = 'eu-west-1') => {
  const stacks = [...synthesise(topology).values()].filter((stack) => stack.region === region)
  const templates = stacks.map(({ template }) => template.toJSON() as Template)
  const [dashboard, ...others] = templates.flatMap(dashboardsIn)
  if (dashboard === undefined || others.length > 0) throw new Error(`${others.length} other dashboards`)
  return { dashboard, alarms: templates.flatMap(alarmsIn) }
}

const namesOf = (alarms: readonly AlarmDefinition[]): readonly string[] => alarms.map(({ name }) => name).toSorted()

const titlesOf = ({ dashboard }: ReturnType<typeof seen>): readonly string[] =>
  dashboard.widgets.map(({ title }) => title.replace(/:.*/, ''))

describe('the dashboard of a pair', () => {
  const whole = seenOf(everything)
  const { dashboard, alarms } = whole
  const shown = metricsOf(dashboard)

  it('has few widgets, the verdict and all alarms of the region on top, and what to read at the end', () => {
    expect(dashboard.name).toBe('twinshore-west-east-eu-west-1')
    expect(titlesOf(whole)).toEqual([
      ...['Failover to east', 'Alarms, west to east', 'What a failover to east would do now', 'Lag', 'Lag'],
      ...['Heartbeats from end to end', 'Throughput per second', 'What a failover would have lost, or read again'],
      ...['Gaps and quarantine', 'Group positions', 'Verification', ''],
    ])
    expect(dashboard.widgets.map(({ kind }) => kind)).toEqual(['alarm', 'alarm', ...Array(9).fill('metric'), 'text'])
    expect(dashboard.widgets[0]?.alarms).toEqual(['twinshore-west-east-unsafe'])
    expect(alarmsOf(dashboard).toSorted()).toEqual(namesOf(alarms))
  })

  it('fills the width of each row, and has no widget over another', () => {
    const rows = Map.groupBy(dashboard.widgets, ({ y }) => y)
    for (const widgets of rows.values()) {
      expect(widgets.map(({ x }) => x)).toEqual(
        widgets.map((_, at) => widgets.slice(0, at).reduce((sum, { width }) => sum + width, 0)),
      )
      expect(widgets.reduce((sum, { width }) => sum + width, 0)).toBe(24)
      expect(new Set(widgets.map(({ height }) => height)).size).toBe(1)
    }
  })

  it('shows metrics that the functions emit, under the very dimensions that they emit them under', () => {
    const emitted = emittedBy(everything) as readonly (Metric & { readonly value: unknown })[]
    expect(shown.length).toBeGreaterThan(20)
    expect(shown.filter((pattern) => !emitted.some((metric) => isMatch(pattern, metric)))).toEqual([])
    const byTopic = shown.filter(({ dimensions }) => 'topic' in dimensions).map(({ name }) => name)
    expect(byTopic).toEqual(['LagSeconds', 'LagRecords'])
  })

  it('shows, or has the alarm of, every metric that is emitted, but those of which it is said why not', () => {
    const watched = alarms.flatMap(metricsWatched).filter(({ namespace }) => namespace === METRIC_NAMESPACE)
    const named = new Set([...shown, ...watched].map(({ name }) => name))
    const emitted = new Set(emittedBy(everything).map(({ name }) => name))
    expect([...emitted].filter((name) => !named.has(name)).toSorted()).toEqual(Object.keys(NOWHERE))
    expect([...named].filter((name) => !emitted.has(name))).toEqual([])
  })

  it('calls what is not on the target by what became of it', () => {
    const gaps = dashboard.widgets.find(({ title }) => title.startsWith('Gaps'))
    const called = gaps?.lines.map(({ query }) => [query.label, query.kind === 'metric' && query.stat.metric.name])
    expect(called).toEqual([
      ['lost', 'LostRecords'],
      ['in quarantine', 'QuarantinedRecords'],
      ['refused, their partition waits', 'RefusedRecords'],
      ['gone, and not in the ledger yet', 'GoneRecords'],
      ['all that the ledger has (right)', 'GapRecords'],
      ['on the target and in no run (right)', 'UncoveredTargetRecords'],
    ])
  })

  it('draws the lag beside what is too much of it', () => {
    const limits = dashboard.widgets.flatMap((widget) => widget.limits.map(({ value }) => [widget.title, value]))
    expect(limits).toEqual([[expect.stringContaining('seconds'), 77]])
  })

  it('leaves out what the link does not have', () => {
    const without = seen(withLink({ syncGroups: false }))
    expect(titlesOf(without)).not.toContain('Heartbeats from end to end')
    expect(titlesOf(without)).not.toContain('Group positions')
    const names = metricsOf(without.dashboard).map(({ name }) => name)
    for (const name of ['HeartbeatAgeSeconds', 'HeartbeatLatencyMs', 'GroupsFaulted', 'FailoverRereadRecords'])
      expect(names).not.toContain(name)
    expect(alarmsOf(without.dashboard).toSorted()).toEqual(namesOf(without.alarms))
  })

  it('shows how failovers went and what they wait for, where a pair fails over', () => {
    const acl = { kind: 'acl', principals: ['User:shop'] } as const
    const failover = { active: 'west', fence: { west: acl, east: acl }, clients: { kind: 'none' } } as const
    const links = [link, { ...link, source: 'east', target: 'west' } as const]
    const failing = seen({ ...valid, account: '111122223333', links, pairs: [{ ...PAIR, failover }] })
    const titles = ['Failovers and drills', 'What failovers wait for']
    expect(titlesOf(failing).slice(-3)).toEqual([...titles, ''])
    const queries = failing.dashboard.widgets
      .filter(({ title }) => titles.includes(title))
      .flatMap(({ lines }) => lines.flatMap(({ query }) => (query.kind === 'metric' ? query.stat.metric : [])))
    const ours = queries.filter(({ namespace }) => namespace === METRIC_NAMESPACE).map(({ name }) => name)
    expect(ours.toSorted()).toEqual(Object.keys({ ...FAILOVER_METRICS, ...FENCE_METRICS }).toSorted())
    const machines = queries.filter(({ namespace }) => namespace === 'AWS/States')
    expect(machines.map(({ name }) => name)).toEqual(['ExecutionsSucceeded', 'ExecutionsFailed', 'ExecutionsAborted'])
    for (const { dimensions } of machines)
      expect(dimensions['StateMachineArn']).toMatch(/:stateMachine:twinshore-west-east-failover$/)
    for (const title of titles) expect(titlesOf(whole)).not.toContain(title)
  })

  it('is there for a link in no pair too, without an alarm that nobody fails over by', () => {
    const alone = seen({ ...valid, pairs: [] })
    expect(titlesOf(alone)[0]).toBe('Alarms, west to east')
    expect(alarmsOf(alone.dashboard).toSorted()).toEqual(namesOf(alone.alarms))
  })
})

describe('the dashboards of a pair that replicates both ways', () => {
  const back = { source: 'east', target: 'west', topics: ['payments'], heartbeats: false } as const

  it('are one in each region, of its own alarms and links', () => {
    const both = { ...valid, links: [link, back] }
    for (const [region, name, own] of [
      ['eu-west-1', 'twinshore-west-east-eu-west-1', 'west-east'],
      ['us-west-2', 'twinshore-west-east-us-west-2', 'east-west'],
    ] as const) {
      const { dashboard, alarms } = seen(both, region)
      expect(dashboard.name).toBe(name)
      expect(alarmsOf(dashboard).toSorted()).toEqual(namesOf(alarms))
      expect(new Set(metricsOf(dashboard).map(({ dimensions }) => dimensions['link']))).toEqual(new Set([own]))
    }
  })

  it('are one where both links are placed in the same region, which tells them apart', () => {
    const clusters = { west: mskWest, east: { ...mskEast, network: east.network as never } }
    const { dashboard, alarms } = seen({ ...valid, clusters, links: [link, { ...back, placement: 'source' }] })
    expect(alarmsOf(dashboard).toSorted()).toEqual(namesOf(alarms))
    expect(dashboard.widgets.slice(0, 4).map(({ title, x }) => [title, x])).toEqual([
      ...[
        ['Failover to east', 0],
        ['Alarms, west to east', 5],
      ],
      ...[
        ['Failover to west', 0],
        ['Alarms, east to west', 5],
      ],
    ])
    const lost = dashboard.widgets.flatMap(({ lines }) => lines.map(({ query }) => query.label))
    expect(lost).toEqual(expect.arrayContaining(['west-east: lost', 'east-west: lost']))
  })
})

describe('what the dashboard says to read', () => {
  const textOf = (input: Input) => seen(input).dashboard.widgets.at(-1)?.text ?? ''
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const headings = [...readme.matchAll(/^#{2,3} (.+)$/gm)].map(([, heading]) => heading)

  it('are sections that the README has, as links where the topology says where it is', () => {
    const runbook = 'https://git.example.org/twinshore/README.md'
    const linked = [...textOf({ ...valid, runbook }).matchAll(/^- \[(.+)\]\((.+)\): /gm)]
    expect(linked.length).toBeGreaterThan(3)
    for (const [, heading = '', address] of linked) {
      expect(headings).toContain(heading)
      expect(address).toBe(`${runbook}#${heading.toLowerCase().replaceAll(' ', '-')}`)
    }
    expect(textOf(valid)).not.toContain('](')
    expect(textOf(valid)).toContain('**Alarms and what to do**')
  })
})

describe('the picture of the dashboard', () => {
  const MINUTE_MS = 60_000
  const store = createMetricStore()
  /** What a minute of a day looks like on which the target was slow for half an hour. */
  const VALUES: Readonly<Record<string, (minute: number, topic: number) => number>> = {
    LagSeconds: (minute, topic) => (minute > 90 && minute < 120 && topic < 2 ? (minute - 90) * 4 : 2 + topic),
    LagRecords: (minute, topic) => (minute > 90 && minute < 120 && topic < 2 ? (minute - 90) * 900 : 40 * topic),
    FailoverLostRecords: (minute) => (minute > 90 && minute < 120 ? (minute - 90) * 1_800 : 120),
    FailoverRereadRecords: (minute) => 300 + (minute % 7) * 20,
    HeartbeatLatencyMs: (minute, topic) => 600 + (minute % 5) * 40 + topic * 100,
    HeartbeatAgeSeconds: (minute) => 2 + (minute % 3),
    ReplicatedRecords: (minute) => 60_000 + (minute % 9) * 900,
    ReplicatedBytes: (minute) => 60_000_000 + (minute % 9) * 900_000,
    SourceRecordsPerSecond: (minute) => 1_000 + (minute % 11) * 10,
    PositionsMoved: (minute) => 12 + (minute % 4),
    VerifiedRecords: (minute) => (minute % 60 === 0 ? 10_000 : 0),
    QuarantinedRecords: (minute) => (minute === 100 ? 3 : 0),
  }

  it('has every widget, and a value for every line of a link at work', () => {
    const { dashboard, alarms } = seenOf(everything)
    const metrics = emittedBy(everything).map(({ namespace, name, dimensions }) => ({ namespace, name, dimensions }))
    for (const { namespace, name, dimensions } of metrics as readonly Metric[])
      for (const [at, topic] of ('topic' in dimensions ? ['orders', 'customers', 'payments', 'stock'] : ['']).entries())
        for (let minute = 0; minute < 180; minute++)
          store.add([
            {
              ...{ namespace, name, unit: 'None', atMs: minute * MINUTE_MS, resolutionMs: MINUTE_MS },
              dimensions: topic === '' ? dimensions : { ...dimensions, topic },
              value: VALUES[name]?.(minute, at) ?? 0,
            },
          ])
    const states = new Map(
      namesOf(alarms).map((name) => [name, name.endsWith('lag-seconds') ? 'ALARM' : 'OK'] as const),
    )
    const picture = drawDashboard(dashboard, { store, states, endMs: 180 * MINUTE_MS, spanMs: 180 * MINUTE_MS })
    expect(picture).not.toMatch(/NaN|Infinity|undefined|no data|>--</)
    expect(picture).toContain('records replicated: 1,120')
    const topics = [...picture.matchAll(/west-east (\w+) LagSeconds/g)].map(([, topic]) => topic)
    expect(topics).toEqual(['orders', 'customers', 'stock', 'payments']) // those that were furthest behind first
    expect(picture).not.toContain('fill="#000" rx') // an alarm that does not exist
    for (const { title } of dashboard.widgets) expect(picture).toContain(title.slice(0, 12))
  })
})
