import { describe, expect, it } from 'vitest'
import { publishMetrics } from '../../../../../shared/adapters/cloudwatch/link-metrics.ts'
import { createRackTeller } from '../../../../../shared/adapters/cloudwatch/rack-metrics.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { RACK_METRICS } from '../../../../../shared/domain/metrics.ts'
import type { RackReport } from '../../../../../shared/domain/racks/rack-report.ts'
import { emittedLines, OF_LINK, TOLD_LINK } from '../../../../support/emitted-lines.ts'

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
  const emitted = emittedLines()
  const { metrics: told, logged } = emitted

  const open = () => {
    const means = emitted.means()
    return { metrics: means.metrics, teller: createRackTeller(means) }
  }

  it('is one number a link and side, also when nothing is wrong', () => {
    const { teller } = open()
    teller.tell('source', safe)
    teller.tell('target', unsafe)
    const of = (side: string) => ({ ...OF_LINK, side })
    expect(told()).toMatchObject([
      { namespace: 'Twinshore', name: 'UnsafePartitions', unit: 'Count', dimensions: of('source'), value: 0 },
      { namespace: 'Twinshore', name: 'UnsafePartitions', unit: 'Count', dimensions: of('target'), value: 30 },
    ])
    expect(new Set(told().map(({ name }) => name))).toEqual(new Set(Object.keys(RACK_METRICS)))
  })

  it('leaves no side behind in what is told of the link', () => {
    const { teller, metrics } = open()
    teller.tell('source', safe)
    publishMetrics({ link: TOLD_LINK, metrics }, [undefined], { LagRecords: 1 })
    expect(told().at(-1)?.dimensions).toEqual(OF_LINK)
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
