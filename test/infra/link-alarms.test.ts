import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { Match, type Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it, vi } from 'vitest'
import { createAccessTeller } from '../../shared/adapters/cloudwatch/access-metrics.ts'
import { createGroupTeller } from '../../shared/adapters/cloudwatch/group-metrics.ts'
import { createGapAlarm, createInvocationReport } from '../../shared/adapters/cloudwatch/invocation-report.ts'
import { createPassTeller } from '../../shared/adapters/cloudwatch/pass-metrics.ts'
import { replicateConfig } from '../../shared/config/replicate-config.ts'
import { ACCESS_METRICS, GROUP_METRICS, METRIC_NAMESPACE, METRICS, TOPIC_METRICS } from '../../shared/domain/metrics.ts'
import { nothing } from '../../shared/domain/outcome.ts'
import type { Topology } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { type EmittedMetric, metricsIn } from '../support/emitted-metrics.ts'
import { polled } from '../support/polled.ts'
import { withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise, templateOf } from './synthesised.ts'

const ALARM = 'AWS::CloudWatch::Alarm'
const alarmTopic = 'arn:aws:sns:eu-west-1:111122223333:operators'
const thresholds = { standstillMs: 120_000, functionErrors: 5, throttles: 2 }

interface Dimension {
  readonly Name: string
  readonly Value: unknown
}

/** What the functions of the link emit when they meet everything there is to tell. */
const emittedFor = ({ links: [link] }: Topology): EmittedMetric[] => {
  if (link === undefined) throw new Error('a topology without a link')
  const lines: string[] = []
  vi.stubEnv('POWERTOOLS_DEV', 'true')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
  for (const method of ['log', 'info', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(line))
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
  const means = { link: replicateConfig(link, '111122223333').link, logger: new Logger(), metrics }
  const batch = { topic: 'orders', partition: 0, records: [polled(0)] } as const
  createInvocationReport(means)([nothing(batch)], [])
  for (const kind of ['lost', 'quarantined'] as const)
    createGapAlarm(means)(batch, { incarnation: 'i', from: 5n, to: 8n, kind, reason: 'why', at: 1 })
  createPassTeller({ ...means, link })({ steps: [], notes: [], leftOut: [], troubles: [], faulted: ['orders'] })
  createGroupTeller({ ...means, link })({
    ...{ compared: 1, groupsMoved: 1, positionsMoved: 1, live: 1 },
    ...{ groups: [], leftOut: [], troubles: [], faulted: ['billing'] },
  })
  createAccessTeller({ ...means, link })({
    ...{ role: 'standby', granted: [], revoked: [], quotas: [], held: [], alreadyThere: [], inStep: 0 },
    ...{ leftOut: [], notCopyable: [], troubles: [], faulted: ['User:a'] },
  })
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  return lines.flatMap(metricsIn)
}

describe('the alarms of a link', () => {
  const topology = defineTopology({
    ...withLink({ thresholds, access: { principals: { 'User:a': 'User:a' } } }),
    installation: 'mine',
    alarmTopics: { 'eu-west-1': alarmTopic },
  })
  const stacks = synthesise(topology)
  const [replication, sync] = ['replication', 'sync'].map((concern) => templateOf(stacks, `mine-west-east-${concern}`))
  const alarmsOf = (template: Template | undefined) =>
    Object.values(template?.findResources(ALARM) ?? {}).map(({ Properties }) => Properties)
  const alarms = [...alarmsOf(replication), ...alarmsOf(sync)]

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
  ])('tell of %s', (name, Namespace, MetricName, Statistic, Threshold) => {
    expect(alarms.filter(({ AlarmName }) => AlarmName === `mine-west-east-${name}`)).toEqual([
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

  it('are six of the records and three of whatever follows, and tell the operators', () => {
    expect([alarmsOf(replication).length, alarmsOf(sync).length]).toEqual([6, 9])
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([alarmTopic])
  })

  it.each([
    ['function-errors', 'throttles', 'replicate'],
    ['topic-sync-errors', 'topic-sync-throttles', 'sync-topics'],
    ['group-sync-errors', 'group-sync-throttles', 'sync-groups'],
    ['access-sync-errors', 'access-sync-throttles', 'sync-access'],
  ])('%s and %s watch the function that their stack makes', (errors, throttles, name) => {
    const template = name === 'replicate' ? replication : sync
    const [id] = Object.entries(template?.findResources('AWS::Lambda::Function') ?? {})
      .filter(([, { Properties }]) => Properties.FunctionName === `mine-west-east-${name}`)
      .map(([logicalId]) => logicalId)
    const watching = alarmsOf(template)
      .filter(({ Dimensions }) => Dimensions.some(({ Value }: Dimension) => isDeepStrictEqual(Value, { Ref: id })))
      .map(({ AlarmName }) => AlarmName)
    expect(watching).toEqual([errors, throttles].map((alarm) => `mine-west-east-${alarm}`))
  })

  it('of passes look back over three passes at least', () => {
    const periods = alarmsOf(sync).map(({ AlarmName, Period }) => [AlarmName.replace('mine-west-east-', ''), Period])
    expect(periods.filter(([name]) => !/^(?:faulted-|access)/.test(name))).toEqual(
      ['topic-sync-errors', 'topic-sync-throttles', 'group-sync-errors', 'group-sync-throttles'].map((name) => [
        name,
        300,
      ]),
    )
    expect(periods.filter(([name]) => /access/.test(name))).toEqual(
      ['faulted-access', 'access-sync-errors', 'access-sync-throttles'].map((name) => [name, 900]),
    )
  })

  it('watch metrics that the functions emit, under the very dimensions that it emits them under', () => {
    const emitted = emittedFor(topology)
    const own = alarms.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE)
    expect(own).toHaveLength(7)
    for (const { MetricName: name, Dimensions } of own) {
      const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }: Dimension) => [Name, Value]))
      expect(dimensions).toEqual({ installation: 'mine', link: 'west-east' })
      expect(emitted).toContainEqual(expect.objectContaining({ namespace: METRIC_NAMESPACE, name, dimensions }))
    }
  })

  it('rest on metrics of which each is declared, and each that is declared is emitted', () => {
    const emitted = new Set(emittedFor(topology).map(({ name }) => name))
    expect(emitted).toEqual(new Set(Object.keys({ ...METRICS, ...TOPIC_METRICS, ...GROUP_METRICS, ...ACCESS_METRICS })))
  })

  it('say in full sentences of what link they are, what is wrong, what it means and what to do', () => {
    for (const { AlarmDescription } of alarms) {
      expect(AlarmDescription).toMatch(/^Link west-east, west to east: [A-Z]/)
      expect(AlarmDescription.split(/\. /).length).toBeGreaterThanOrEqual(3)
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024)
    }
  })

  it('are in the README, each with what it means and what to do, and no others are', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    const [, section = ''] = /### Alarms and what to do\n([\s\S]*?)\n#/.exec(readme) ?? []
    const rows = [...section.matchAll(/^\| `([a-z-]+)` \| [^|]{20,} \| [^|]{20,} \|$/gm)].map(([, name]) => name)
    expect(rows).toEqual(alarms.map(({ AlarmName }) => AlarmName.replace('mine-west-east-', '')))
  })

  it('tell nobody where the topology names nobody', () => {
    const silent = synthesise(defineTopology(withLink({})))
    for (const concern of ['replication', 'sync'])
      templateOf(silent, `twinshore-west-east-${concern}`).allResourcesProperties(ALARM, {
        AlarmActions: Match.absent(),
      })
  })
})
