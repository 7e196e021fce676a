import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { Match, type Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it, vi } from 'vitest'
import { createGapAlarm, createInvocationReport } from '../../shared/adapters/cloudwatch/invocation-report.ts'
import { createPassTeller } from '../../shared/adapters/cloudwatch/pass-metrics.ts'
import { replicateConfig } from '../../shared/config/replicate-config.ts'
import { METRIC_NAMESPACE, METRICS, TOPIC_METRICS } from '../../shared/domain/metrics.ts'
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
  readonly Value: string
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
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  return lines.flatMap(metricsIn)
}

describe('the alarms of a link', () => {
  const topology = defineTopology({
    ...withLink({ thresholds }),
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

  it('are six of the records and three of the topics, and tell the operators', () => {
    expect([alarmsOf(replication).length, alarmsOf(sync).length]).toEqual([6, 3])
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([alarmTopic])
  })

  it('of a function watch the function that their stack makes', () => {
    for (const [template, name] of [
      [replication, 'replicate'],
      [sync, 'sync-topics'],
    ] as const) {
      const [id] = Object.entries(template?.findResources('AWS::Lambda::Function') ?? {})
        .filter(([, { Properties }]) => Properties.FunctionName === `mine-west-east-${name}`)
        .map(([logicalId]) => logicalId)
      const ofFunctions = alarmsOf(template).filter(({ Namespace }) => Namespace === 'AWS/Lambda')
      expect(ofFunctions.map(({ Dimensions }) => Dimensions)).toEqual(
        [0, 1].map(() => [{ Name: 'FunctionName', Value: { Ref: id } }]),
      )
    }
  })

  it('watch metrics that the functions emit, under the very dimensions that it emits them under', () => {
    const emitted = emittedFor(topology)
    const own = alarms.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE)
    expect(own).toHaveLength(5)
    for (const { MetricName: name, Dimensions } of own) {
      const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }: Dimension) => [Name, Value]))
      expect(dimensions).toEqual({ installation: 'mine', link: 'west-east' })
      expect(emitted).toContainEqual(expect.objectContaining({ namespace: METRIC_NAMESPACE, name, dimensions }))
    }
  })

  it('rest on metrics of which each is declared, and each that is declared is emitted', () => {
    const emitted = new Set(emittedFor(topology).map(({ name }) => name))
    expect(emitted).toEqual(new Set([...Object.keys(METRICS), ...Object.keys(TOPIC_METRICS)]))
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
