import { describe, expect, it } from 'vitest'
import { type AwaitedMs, awaitedMs, failoverRound } from '../../../bench/failover/failover-round.ts'
import type { AnyStep, StepRecord } from '../../../shared/domain/failover/failover-step.ts'
import { reportTimes, timelineOf } from '../../../shared/domain/failover/report-times.ts'

const AWAITED: AwaitedMs = { stillMs: 5_000, functionTimeoutMs: 15_000 }

/** Each step begins half a second after the one before it. */
const recordsOf = (lasting: readonly (readonly [AnyStep, number])[]): readonly StepRecord[] => {
  let now = 0
  return lasting.map(([step, ms]) => {
    const startedAt = now + 500
    now = startedAt + ms
    const data = step === 'groups' ? { moved: 60 } : {}
    return { step, attempt: 1, outcome: 'done', message: '', startedAt, endedAt: now, calls: 1, data }
  })
}

const roundOf = (...lasting: readonly (readonly [AnyStep, number])[]) => {
  const records = recordsOf(lasting)
  return failoverRound(records, reportTimes(0, timelineOf(records)), AWAITED)
}

const WHOLE = [
  ['validate', 1_000],
  ['fence', 1_000],
  ['prove', 6_000],
  ['drain', 4_000],
  ['groups', 2_000],
  ['stop', 17_000],
  ['promote', 1_000],
  ['switch', 1_000],
  ['verify', 3_000],
] as const

describe('the times of a failover', () => {
  it('are the machine’s own until the switch: without the drain, with what lies between steps', () => {
    const { ownMs, betweenMs, moved } = roundOf(...WHOLE)
    expect(ownMs).toBe(29_000 + 8 * 500)
    expect(betweenMs).toBe(8 * 500)
    expect(moved).toBe(60)
  })

  it('count as awaited no more than a step took, and no more than the topology says', () => {
    expect(awaitedMs(roundOf(...WHOLE))).toBe(20_000)
    expect(awaitedMs(roundOf(['prove', 1_000], ['stop', 2_000], ['switch', 1]))).toBe(3_000)
  })

  it('add up what a step took in all its attempts', () => {
    const { steps } = roundOf(['preflight', 1_000], ['preflight', 500], ['switch', 1])
    expect(steps.get('preflight')).toBe(1_500)
  })

  it('are none of a failover that never came to its switch', () => {
    expect(() => roundOf(['validate', 1])).toThrow('never switched')
  })
})
