import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { JUDGED_ALARMS, UNKNOWN_ALARMS } from '../../shared/domain/lag/link-verdict.ts'
import {
  ACCESS_METRICS,
  GROUP_METRICS,
  HEARTBEAT_METRICS,
  LAG_METRICS,
  METRIC_NAMESPACE,
  METRICS,
  RACK_METRICS,
  TOPIC_METRICS,
  VERIFY_METRICS,
} from '../../shared/domain/metrics.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { emittedBy } from '../support/emitted-by-link.ts'
import { valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise, templateOf } from './synthesised.ts'

const ALARM = 'AWS::CloudWatch::Alarm'
const alarmTopic = 'arn:aws:sns:eu-west-1:111122223333:operators'
const thresholds = {
  ...{ standstillMs: 120_000, functionErrors: 5, throttles: 2 },
  ...{ lagSeconds: 90, lagRecords: 1_000, timeToLossMs: 7_200_000 },
}

/** What nobody has to be woken for. */
const WITHOUT_ALARM: Readonly<Record<string, string>> = {
  AppendMs: 'a slow target shows in the lag',
  CheckpointWrites: 'what it costs',
  FailedPartitions: 'function-errors counts the invocations that they fail, standstill how long',
  FailoverLostRecords: 'the same as LagRecords, for the dashboard',
  FailoverRereadRecords: 'groups commit seconds after they read; a pass that fails has an alarm',
  GapRecords: 'all that was lost ever; lost-records and quarantined-records tell of what is added',
  GroupsLive: 'groups that run on the target are left alone, as they should be',
  GroupsMoved: 'what passes do',
  HeartbeatLatencyMs: 'a slow way shows in the lag',
  LoopedRecords: 'what provenance is for',
  PositionsFailed: 'faulted-groups counts their groups',
  PositionsHeldBack: 'passes say why; most wait for their group to leave the target',
  PositionsMoved: 'what passes do',
  RedeliveredRecords: 'redelivery is what pollers do, and harmless',
  ReplicatedBytes: 'a link without work replicates nothing',
  SourceRecordsPerSecond: 'what applications do',
  UncoveredTargetRecords: 'duplicates tells when they become many; verify tells which they are',
  UntrustedProvenance: 'they are replicated as any other',
  VerifiedRecords: 'verify-absent and verify-errors tell when there are none',
}

interface Dimension {
  readonly Name: string
  readonly Value: unknown
}

interface Watched {
  readonly Namespace?: string
  readonly MetricName?: string
  readonly Dimensions?: readonly Dimension[]
}

interface AlarmProperties extends Watched {
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: Watched } }[]
}

describe('the alarms of a link', () => {
  const topology = defineTopology({
    ...withLink({ thresholds, heartbeats: true, access: { principals: { 'User:a': 'User:a' } } }),
    installation: 'mine',
    alarmTopics: { 'eu-west-1': alarmTopic },
  })
  const stacks = synthesise(topology)
  const [replication, sync, watch] = ['replication', 'sync', 'watch'].map((concern) =>
    templateOf(stacks, `mine-west-east-${concern}`),
  )
  const alarmsOf = (template: Template | undefined) =>
    Object.values(template?.findResources(ALARM) ?? {}).map(({ Properties }) => Properties)
  const alarms = [replication, sync, watch].flatMap(alarmsOf)
  const shortName = ({ AlarmName }: { readonly AlarmName: string }) => AlarmName.replace('mine-west-east-', '')

  it.each([
    ['function-errors', 'AWS/Lambda', 'Errors', 'Sum', 5],
    ['throttles', 'AWS/Lambda', 'Throttles', 'Sum', 2],
    ['standstill', 'Twinshore', 'StandstillSeconds', 'Maximum', 120],
    ['lost-records', 'Twinshore', 'LostRecords', 'Sum', 1],
    ['quarantined-records', 'Twinshore', 'QuarantinedRecords', 'Sum', 1],
    ['refused-records', 'Twinshore', 'RefusedRecords', 'Sum', 1],
    ['faulted-topics', 'Twinshore', 'FaultedTopics', 'Maximum', 1],
    ['topic-sync-errors', 'AWS/Lambda', 'Errors', 'Sum', 3],
    ['topic-sync-throttles', 'AWS/Lambda', 'Throttles', 'Sum', 3],
    ['faulted-groups', 'Twinshore', 'GroupsFaulted', 'Maximum', 1],
    ['group-sync-errors', 'AWS/Lambda', 'Errors', 'Sum', 3],
    ['group-sync-throttles', 'AWS/Lambda', 'Throttles', 'Sum', 3],
    ['faulted-access', 'Twinshore', 'AccessFaulted', 'Maximum', 1],
    ['access-sync-errors', 'AWS/Lambda', 'Errors', 'Sum', 3],
    ['access-sync-throttles', 'AWS/Lambda', 'Throttles', 'Sum', 3],
    ['differences', 'Twinshore', 'VerifyDifferences', 'Sum', 1],
    ['verify-errors', 'AWS/Lambda', 'Errors', 'Sum', 3],
    ['verify-throttles', 'AWS/Lambda', 'Throttles', 'Sum', 3],
    ['lag-seconds', 'Twinshore', 'LagSeconds', 'Maximum', 90],
    ['gone-records', 'Twinshore', 'GoneRecords', 'Maximum', 1],
    ['source-unreachable', 'Twinshore', 'SourceUnreachableSeconds', 'Maximum', 60],
    ['measure-lag-errors', 'AWS/Lambda', 'Errors', 'Sum', 3],
  ])('tell of %s as soon as it is seen, and of nothing when nothing is measured', (name, ...watched) => {
    const [Namespace, MetricName, Statistic, Threshold] = watched
    expect(alarms.filter((alarm) => shortName(alarm) === name)).toEqual([
      expect.objectContaining({
        Namespace,
        MetricName,
        Statistic,
        Threshold,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        EvaluationPeriods: 1,
        TreatMissingData: 'notBreaching',
      }),
    ])
  })

  it.each([
    ['mappings-off', 'MappingsOff', 'Maximum', 60, 1, 2, 5],
    ['topic-drift', 'TopicDrift', 'Minimum', 60, 1, 30, 30],
    ['acl-drift', 'AclDrift', 'Minimum', 300, 1, 3, 3],
    ['lag-records', 'LagRecords', 'Maximum', 60, 1_000, 3, 3],
    ['unmeasured-partitions', 'UnmeasuredPartitions', 'Maximum', 60, 1, 3, 3],
  ])('tell of %s when it lasts', (name, MetricName, Statistic, Period, Threshold, bad, of) => {
    expect(alarms.filter((alarm) => shortName(alarm) === name)).toEqual([
      expect.objectContaining({
        ...{ MetricName, Statistic, Period, Threshold, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
        ...{ DatapointsToAlarm: bad, EvaluationPeriods: of, TreatMissingData: 'notBreaching' },
      }),
    ])
  })

  it.each([
    ['topic-sync-absent', 'Invocations', 60, 5],
    ['group-sync-absent', 'Invocations', 60, 5],
    ['access-sync-absent', 'Invocations', 300, 3],
    ['verify-absent', 'Invocations', 3_600, 4],
    ['not-measured', 'LagSeconds', 60, 3],
    ['heartbeat-absent', 'HeartbeatsSent', 60, 5],
  ])('tell by %s that nobody measures', (name, MetricName, Period, periods) => {
    expect(alarms.filter((alarm) => shortName(alarm) === name)).toEqual([
      expect.objectContaining({
        ...{ MetricName, Period, Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' },
        ...{ DatapointsToAlarm: periods, EvaluationPeriods: periods },
      }),
    ])
  })

  it('are judged by status, each of them, or it is said why it cannot', () => {
    const unknown = UNKNOWN_ALARMS.flatMap(({ alarms: names }) => names)
    expect([...JUDGED_ALARMS, ...unknown].toSorted()).toEqual(alarms.map(shortName).toSorted())
  })

  it('tell the operators, all of them', () => {
    expect([replication, sync, watch].map((template) => alarmsOf(template).length)).toEqual([7, 15, 16])
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([alarmTopic])
  })

  it('ask for no number of records where the topology names none', () => {
    const without = templateOf(synthesise(defineTopology(withLink({}))), 'twinshore-west-east-watch')
    expect(alarmsOf(without).map(({ AlarmName }) => AlarmName)).not.toContain('twinshore-west-east-lag-records')
  })

  it.each([
    ['replicate', ['function-errors', 'throttles']],
    ['sync-topics', ['topic-sync-errors', 'topic-sync-throttles', 'topic-sync-absent']],
    ['sync-groups', ['group-sync-errors', 'group-sync-throttles', 'group-sync-absent']],
    ['sync-access', ['access-sync-errors', 'access-sync-throttles', 'access-sync-absent']],
    ['verify', ['verify-errors', 'verify-throttles', 'verify-absent']],
    ['measure-lag', ['measure-lag-errors']],
  ])('of %s watch the function that their stack makes', (name, expected) => {
    const template = [replication, sync, watch].find((one) =>
      JSON.stringify(one?.toJSON()).includes(`"mine-west-east-${name}"`),
    )
    const [id] = Object.entries(template?.findResources('AWS::Lambda::Function') ?? {})
      .filter(([, { Properties }]) => Properties.FunctionName === `mine-west-east-${name}`)
      .map(([logicalId]) => logicalId)
    const watching = alarmsOf(template)
      .filter(({ Dimensions = [] }) => Dimensions.some(({ Value }: Dimension) => isDeepStrictEqual(Value, { Ref: id })))
      .map(shortName)
    expect(watching).toEqual(expected)
  })

  it('of passes look back over three passes at least', () => {
    const periods = new Map(alarms.map((alarm) => [shortName(alarm), alarm.Period]))
    for (const [pass, within] of [
      ['topic-sync', 300],
      ['group-sync', 300],
      ['access-sync', 900],
      ['verify', 14_400],
    ] as const)
      expect([periods.get(`${pass}-errors`), periods.get(`${pass}-throttles`)]).toEqual([within, within])
  })

  /** Every metric that an alarm looks at, that of an expression included. */
  const metricsOf = ({ Metrics = [], ...own }: AlarmProperties) =>
    [own, ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])]
      .filter(({ MetricName }) => MetricName !== undefined)
      .map(({ Namespace: namespace, MetricName: name = '', Dimensions = [] }) => ({
        namespace,
        name,
        dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
      }))
  const ownMetrics = alarms.flatMap(metricsOf).filter(({ namespace }) => namespace === METRIC_NAMESPACE)

  it('watch metrics that the functions emit, under the very dimensions that they emit them under', () => {
    const emitted = emittedBy(topology)
    expect(ownMetrics.length).toBeGreaterThan(15)
    for (const { name, dimensions } of ownMetrics) {
      expect(dimensions).toMatchObject({ installation: 'mine', link: 'west-east' })
      expect(emitted).toContainEqual(expect.objectContaining({ namespace: METRIC_NAMESPACE, name, dimensions }))
    }
  })

  it('watch every metric that is emitted, but those of which it is said why not', () => {
    const emitted = new Set(emittedBy(topology).map(({ name }) => name))
    const watched = new Set(ownMetrics.map(({ name }) => name))
    expect([...emitted].filter((name) => !watched.has(name)).toSorted()).toEqual(Object.keys(WITHOUT_ALARM))
  })

  it('rest on metrics of which each is declared, and each that is declared is emitted', () => {
    const emitted = new Set(emittedBy(topology).map(({ name }) => name))
    const ofPasses = { ...TOPIC_METRICS, ...GROUP_METRICS, ...ACCESS_METRICS }
    expect(emitted).toEqual(
      new Set(
        Object.keys({
          ...METRICS,
          ...ofPasses,
          ...VERIFY_METRICS,
          ...LAG_METRICS,
          ...RACK_METRICS,
          ...HEARTBEAT_METRICS,
        }),
      ),
    )
  })

  it('say in full sentences of what link they are, what is wrong, what it means and what to do', () => {
    for (const { AlarmDescription } of alarms) {
      expect(AlarmDescription).toMatch(/^Link west-east, west to east: [A-Z]/)
      expect(AlarmDescription.split(/\. /).length).toBeGreaterThanOrEqual(3)
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024)
    }
  })

  const failover = { active: 'west', fence: { west: { kind: 'none' } }, clients: { kind: 'none' } } as const
  const failingOver = templateOf(
    synthesise(defineTopology({ ...valid, installation: 'mine', pairs: [{ clusters: ['west', 'east'], failover }] })),
    'mine-west-east-failover',
  )

  it('are in the README, each with what it means and what to do, and no others are', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    const [, section = ''] = /### Alarms and what to do\n([\s\S]*?)\n#/.exec(readme) ?? []
    const rows = [...section.matchAll(/^\| `([a-z-]+)` \| [^|]{20,} \| [^|]{20,} \|$/gm)].map(([, name]) => name)
    expect(rows).toEqual(['unsafe', ...alarms.map(shortName), ...alarmsOf(failingOver).map(shortName)])
  })
})
