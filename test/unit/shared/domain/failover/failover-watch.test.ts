import { describe, expect, it } from 'vitest'
import type { StepRecord } from '../../../../../shared/domain/failover/failover-step.ts'
import { type FailoverFacts, failoverFigures } from '../../../../../shared/domain/failover/failover-watch.ts'
import type { Question } from '../../../../../shared/domain/failover/question.ts'
import { INITIAL_STATUS } from '../../../../../shared/domain/head.ts'

const DAY_MS = 86_400_000
const NOW = 100 * DAY_MS
const question = (kind: Question['kind'], changes: Partial<Question> = {}): Question => ({
  ...{ kind, token: 'token', askedAt: NOW - 1_000, expiresAt: NOW + 1_000 },
  ...changes,
})
const record = (step: StepRecord['step'], endedAt: number, outcome: StepRecord['outcome'] = 'done'): StepRecord => ({
  ...{ step, attempt: 1, outcome, message: '', startedAt: endedAt, endedAt, calls: 1, data: {} },
})
const facts = (changes: Partial<FailoverFacts> = {}): FailoverFacts => ({
  ...{ status: INITIAL_STATUS, running: undefined, drills: { since: NOW }, now: NOW },
  ...changes,
})
const asked = (one: Question | undefined, ...steps: readonly StepRecord[]) => {
  const { approvalPending, held } = failoverFigures(facts({ running: { steps, questions: [one, undefined] } }))
  return [approvalPending, held]
}

describe('whether a failover waits for somebody', () => {
  it.each<[string, Question | undefined, readonly StepRecord[], readonly boolean[]]>([
    ['nobody is asked', undefined, [], [false, false]],
    ['an approval is asked for', question('approve'), [record('preflight', NOW - 2_000)], [true, false]],
    ['the question itself is noted', question('hold'), [record('hold', NOW - 500, 'again')], [false, true]],
    ['the answer is written down', question('approve'), [record('approve', NOW - 500)], [false, false]],
    ['that was of an earlier question', question('approve'), [record('approve', NOW - 2_000)], [true, false]],
    ['it went on', question('approve'), [record('fence', NOW - 1)], [false, false]],
    ['it was given up', question('hold'), [record('release', NOW - 1)], [false, false]],
    ['nobody answered in time', question('hold', { expiresAt: NOW }), [], [false, false]],
  ])('is told when %s', (_when, one, steps, expected) => {
    expect(asked(one, ...steps)).toEqual(expected)
  })

  it('is no question when no execution runs', () => {
    expect(failoverFigures(facts())).toMatchObject({ approvalPending: false, held: false })
  })
})

describe('how long ago a drill went well', () => {
  it('is counted from the last one, or else from when somebody looked for one', () => {
    const age = (drills: FailoverFacts['drills']) => failoverFigures(facts({ drills })).drillAgeDays
    expect(age({ since: NOW - 90 * DAY_MS, last: NOW - 3 * DAY_MS })).toBe(3)
    expect(age({ since: NOW - 90 * DAY_MS })).toBe(90)
  })

  it('is told of no failover to the cluster that is active', () => {
    const figures = failoverFigures(facts({ status: { mode: 'stopped', role: 'active', epoch: 1 } }))
    expect(figures).not.toHaveProperty('drillAgeDays')
  })
})
