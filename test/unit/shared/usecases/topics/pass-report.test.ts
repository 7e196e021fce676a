import { describe, expect, it } from 'vitest'
import { type ErrorCode, ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { PlanNote } from '../../../../../shared/domain/topics/plan-note.ts'
import type { TopicStep } from '../../../../../shared/domain/topics/topic-step.ts'
import { passReport, planReport } from '../../../../../shared/usecases/topics/pass-report.ts'
import type { SoundPlan } from '../../../../../shared/usecases/topics/sync-topics.ts'

const grow = (topic: string): TopicStep => ({ kind: 'grow', topic, targetTopic: `west.${topic}`, from: 1, to: 2 })
const note = (severity: PlanNote['severity'], about: string): PlanNote => ({
  severity,
  because: 'renamed',
  about,
  detail: 'why',
})
const planOf = (changes: Partial<SoundPlan>): SoundPlan => ({
  kind: 'planned',
  steps: [],
  notes: [],
  leftOut: [],
  troubles: [],
  ...changes,
})
const failed = (step: TopicStep, code: ErrorCode) =>
  ({ kind: 'failed', step, error: new ReplicationError(code, `growing ${step.topic}`) }) as const

describe('the report of a pass', () => {
  it('has all steps in their order with what became of them, and survives JSON', () => {
    const [a, b, c] = [grow('a'), grow('b'), grow('c')]
    const outcomes = [
      { kind: 'done', step: a } as const,
      failed(b, 'TOPIC_DENIED'),
      { kind: 'skipped', step: c } as const,
    ]
    const report = passReport({ plan: planOf({ steps: [a, b, c] }), outcomes })
    expect(report.steps).toEqual([
      { topic: 'a', kind: 'grow', what: 'grow west.a on the target from 1 to 2 partitions', outcome: 'done' },
      expect.objectContaining({
        topic: 'b',
        outcome: 'failed',
        error: expect.stringContaining('TOPIC_DENIED: growing b'),
      }),
      expect.objectContaining({ topic: 'c', outcome: 'skipped' }),
    ])
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('of a plan has done nothing', () => {
    const report = planReport(planOf({ steps: [grow('a')] }))
    expect(report.steps.map(({ outcome }) => outcome)).toEqual(['planned'])
    expect(report.faulted).toEqual([])
  })

  it('names each topic once that stands or was refused, and none that only waits', () => {
    const steps = [grow('c'), grow('a')]
    const notes = [note('fault', 'b'), note('fault', 'a'), note('warning', 'd'), note('pending', 'e')]
    const outcomes = steps.map((step) => failed(step, 'TOPIC_REFUSED'))
    expect(passReport({ plan: planOf({ steps, notes }), outcomes }).faulted).toEqual(['a', 'b', 'c'])
    expect(planReport(planOf({ steps, notes })).faulted).toEqual(['a', 'b'])
  })

  it('does not count a topic as faulted that is there before the cluster lists it', () => {
    const step = grow('a')
    const report = passReport({ plan: planOf({ steps: [step] }), outcomes: [failed(step, 'TOPIC_EXISTS')] })
    expect([report.faulted, report.steps[0]?.outcome]).toEqual([[], 'failed'])
  })

  it('tells in words what could not be found out', () => {
    const troubles = [new ReplicationError('TOPIC_DENIED', 'describing the settings of a')]
    expect(planReport(planOf({ troubles })).troubles).toEqual([troubles[0]?.message])
  })
})
