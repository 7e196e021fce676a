import { describe, expect, it } from 'vitest'
import { createPendingTeller } from '../../../../../shared/adapters/cloudwatch/fence-metrics.ts'
import type { DebtReport, PendingReport } from '../../../../../shared/usecases/failover/settle-pending.ts'
import { emittedLines, OF_LINK } from '../../../../support/emitted-lines.ts'

const debt = (name: DebtReport['debt'], outcome: DebtReport['outcome']): DebtReport => ({
  debt: name,
  outcome,
  message: 'so',
})
const owing = (...debts: readonly DebtReport[]): PendingReport => ({ execution: 'first', since: 1_000, debts })

describe('what is told of what waits for an old active cluster', () => {
  const emitted = emittedLines()
  const { lines } = emitted

  const teller = () => createPendingTeller(emitted.means())
  const measured = () =>
    emitted.measured().map(({ name, value, dimensions }) => {
      expect(dimensions).toEqual(OF_LINK)
      return [name, value]
    })

  it.each<[string, PendingReport, unknown]>([
    [
      'nothing waits',
      { debts: [] },
      [
        ['FencePending', 0],
        ['StrandedRecords', 0],
      ],
    ],
    ['the fence waits', owing(debt('fence', 'failed'), debt('tail', 'waits')), [['FencePending', 1]]],
    ['the fence is proved', owing(debt('fence', 'done'), debt('tail', 'again')), [['FencePending', 0]]],
    ['the fence was proved before', owing(debt('tail', 'again')), [['FencePending', 0]]],
    ['somebody else is at it', owing(), []],
  ])('measures when %s', (_when, report, expected) => {
    teller().tell(report)
    expect(measured()).toEqual(expected)
  })

  it('measures how much is stranded as soon as it is counted', () => {
    teller().counted({ partitions: 2, records: 7n, bytes: 1n << 60n, gone: 0n })
    expect(measured()).toEqual([['StrandedRecords', 7]])
    expect(lines.some((line) => line.includes('1152921504606846976'))).toBe(true)
  })

  it('tells of each debt, and of a side that stood down', () => {
    teller().tell({ ...owing(debt('fence', 'failed'), debt('roles', 'done')), stoodDown: 4 })
    expect(lines.filter((line) => line.includes('debt')).length).toBe(2)
    expect(lines.some((line) => line.includes('stood down'))).toBe(true)
  })
})
