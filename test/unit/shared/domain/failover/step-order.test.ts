import { describe, expect, it } from 'vitest'
import {
  type AnyStep,
  CLOSING_STEPS,
  FAILOVER_STEPS,
  recordName,
  type StepRecord,
} from '../../../../../shared/domain/failover/failover-step.ts'
import { latestOf, whyNotNow } from '../../../../../shared/domain/failover/step-order.ts'

type Outcomes = Map<AnyStep, Pick<StepRecord, 'outcome' | 'answered'>>

const FOUND = { hash: 'h', passed: true, needsApproval: false }

/** Nobody has to approve anything. */
const done = (...steps: readonly AnyStep[]): Outcomes =>
  new Map(steps.map((step) => [step, { outcome: 'done', ...(step === 'preflight' && { answered: FOUND }) }]))

const BEFORE_PROMOTE = FAILOVER_STEPS.slice(0, FAILOVER_STEPS.indexOf('promote'))

describe('the order of steps', () => {
  it('lets every step follow those before it', () => {
    for (const [at, step] of FAILOVER_STEPS.entries())
      expect(whyNotNow(step, done(...FAILOVER_STEPS.slice(0, at)))).toBeUndefined()
  })

  it.each(['lock', 'preflight', 'prove', 'drain', 'groups', 'stop', 'boundary'] as const)(
    'lets nobody promote before %s is done',
    (missing) => {
      const rest = BEFORE_PROMOTE.filter((step) => step !== missing)
      expect(whyNotNow('promote', done(...rest))).toContain(missing)
      const refused = done(...rest).set(missing, { outcome: 'refused' })
      expect(whyNotNow('promote', refused)).toContain(missing)
    },
  )

  it.each(['switch', 'verify', 'reverse'] as const)('lets %s come after the promotion alone', (step) => {
    expect(whyNotNow(step, done(...BEFORE_PROMOTE))).toContain('promote')
  })

  it.each(['fence', 'groups', 'stop', 'promote'] as const)('lets no %s follow a preflight that says no', (step) => {
    const before = done(...BEFORE_PROMOTE)
    expect(whyNotNow(step, before)).toBeUndefined()
    const no = before.set('preflight', { outcome: 'done', answered: { passed: false } })
    expect(whyNotNow(step, no)).toContain('preflight')
  })

  it.each(['fence', 'groups', 'stop', 'promote'] as const)('lets no %s follow that nobody has approved', (step) => {
    const found = { ...FOUND, needsApproval: true }
    const before = done(...BEFORE_PROMOTE).set('preflight', { outcome: 'done', answered: found })
    expect(whyNotNow(step, before)).toContain('approved')
    const approval = (hash: string, outcome: StepRecord['outcome'] = 'done') =>
      new Map(before).set('approve', { outcome, answered: { hash } })
    expect(whyNotNow(step, approval('h'))).toBeUndefined()
    expect(whyNotNow(step, approval('h', 'again'))).toContain('approved')
    expect(whyNotNow(step, approval('of another preflight'))).toContain('approved')
    expect(whyNotNow(step, approval('h').set('preflight', { outcome: 'done' }))).toContain('approved')
    const saysNothing = new Map(before).set('preflight', { outcome: 'done' }).set('approve', { outcome: 'done' })
    expect(whyNotNow(step, saysNothing)).toContain('approved')
  })

  it('lets nothing but the end follow a rollback that was begun', () => {
    for (const outcome of ['done', 'again', 'failed'] as const) {
      const undoing = done(...BEFORE_PROMOTE).set('rollback', { outcome })
      for (const step of FAILOVER_STEPS.filter((one) => one !== 'report'))
        expect(whyNotNow(step, undoing)).toContain('undone')
      for (const step of ['rollback', 'report', 'release'] as const) expect(whyNotNow(step, undoing)).toBeUndefined()
    }
  })

  it('lets a failover go on whose rollback was refused', () => {
    const refused = done(...FAILOVER_STEPS).set('rollback', { outcome: 'refused' })
    expect(whyNotNow('switch', refused)).toBeUndefined()
  })

  it('lets nothing follow once the lock is given back', () => {
    for (const step of [...FAILOVER_STEPS, ...CLOSING_STEPS])
      expect(whyNotNow(step, done(...FAILOVER_STEPS, 'release'))).toContain('lock')
  })
})

describe('records of a step that was attempted more than once', () => {
  const record = (attempt: number): StepRecord => ({
    step: 'preflight',
    attempt,
    outcome: 'done',
    message: `${attempt}`,
    startedAt: 0,
    endedAt: 0,
    calls: 1,
    data: {},
  })

  it('are kept apart, and the latest is what counts', () => {
    const records = [record(2), record(10), record(1)]
    expect(records.map(recordName)).toEqual(['preflight#2', 'preflight#10', 'preflight'])
    expect(latestOf(records).get('preflight')?.attempt).toBe(10)
  })
})
