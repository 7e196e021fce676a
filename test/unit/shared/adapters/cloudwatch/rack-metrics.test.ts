import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { publishMetrics } from '../../../../../shared/adapters/cloudwatch/link-metrics.ts'
import { createRackTeller } from '../../../../../shared/adapters/cloudwatch/rack-metrics.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { METRIC_NAMESPACE, RACK_METRICS } from '../../../../../shared/domain/metrics.ts'
import type { RackReport } from '../../../../../shared/domain/racks/rack-report.ts'
import { metricsIn } from '../../../../support/emitted-metrics.ts'

const safe: RackReport = {
  verdict: 'safe',
  racks: [],
  partitions: 9,
  unsafePartitions: 0,
  unknownPartitions: 0,
  unsafe: [],
  quorum: { kind: 'safe', voters: 3, following: 3, needed: 2 },
  troubles: [],
}
const broken = { topic: 'orders', fault: 'one-rack', inSync: 1, needed: 1, racks: ['a'], rackOf: [] } as const
const unsafe: RackReport = {
  ...safe,
  verdict: 'unsafe',
  unsafePartitions: 30,
  unsafe: Array.from({ length: 30 }, (_, partition) => ({ ...broken, partition })),
}

describe('what is told of the racks of a cluster', () => {
  const lines: string[] = []
  const link = { installation: 'mine', name: 'west-east' }

  beforeEach(() => {
    lines.length = 0
    vi.stubEnv('POWERTOOLS_DEV', 'true')
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
    vi.stubEnv('LOG_LEVEL', 'INFO')
    for (const method of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(line))
  })

  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })

  const open = () => {
    const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: 'twinshore' })
    return { metrics, teller: createRackTeller({ link, logger: new Logger(), metrics }) }
  }
  const told = () => lines.flatMap(metricsIn)
  const logged = () => lines.map((line) => JSON.parse(line)).filter(({ _aws }) => _aws === undefined)

  it('is one number a link and side, also when nothing is wrong', () => {
    const { teller } = open()
    teller.tell('source', safe)
    teller.tell('target', unsafe)
    const of = (side: string) => ({ installation: 'mine', link: 'west-east', side })
    expect(told()).toMatchObject([
      { namespace: 'Twinshore', name: 'UnsafePartitions', unit: 'Count', dimensions: of('source'), value: 0 },
      { namespace: 'Twinshore', name: 'UnsafePartitions', unit: 'Count', dimensions: of('target'), value: 30 },
    ])
    expect(new Set(told().map(({ name }) => name))).toEqual(new Set(Object.keys(RACK_METRICS)))
  })

  it('leaves no side behind in what is told of the link', () => {
    const { teller, metrics } = open()
    teller.tell('source', safe)
    publishMetrics({ link, metrics }, [undefined], { LagRecords: 1 })
    expect(told().at(-1)?.dimensions).toEqual({ installation: 'mine', link: 'west-east' })
  })

  it('is no number when nobody can tell, but why', () => {
    const { teller } = open()
    teller.tell('source', { ...safe, verdict: 'unknown', unknownPartitions: 9, troubles: ['no broker has a rack'] })
    expect(told()).toEqual([])
    expect(logged()).toMatchObject([{ message: 'racks not told', side: 'source', trouble: 'no broker has a rack' }])
  })

  it('is the number of those that are known to be unsafe when nobody can tell of some', () => {
    open().teller.tell('source', { ...safe, verdict: 'unknown', unknownPartitions: 8 })
    expect(told()).toMatchObject([{ name: 'UnsafePartitions', value: 0 }])
  })

  it('names the first partitions in one line', () => {
    open().teller.tell('target', unsafe)
    expect(logged()).toMatchObject([{ level: 'WARN', side: 'target', unsafePartitions: 30 }])
    expect(logged()[0].unsafe).toHaveLength(20)
  })

  it('is a warning when the cluster does not answer', () => {
    open().teller.fail('source', new ReplicationError('SOURCE_UNREACHABLE', 'asking'))
    expect(told()).toEqual([])
    expect(logged()).toMatchObject([{ level: 'WARN', message: 'racks not seen', side: 'source' }])
  })
})
