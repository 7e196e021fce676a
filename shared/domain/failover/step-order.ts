import { whyNotApproved } from './approved-input.ts'
import type { FailoverInput } from './failover-input.ts'
import type { AnyStep, StepRecord } from './failover-step.ts'

type Records = ReadonlyMap<AnyStep, Pick<StepRecord, 'outcome' | 'answered'>>
type Known = ReadonlyMap<AnyStep, Pick<StepRecord, 'outcome' | 'answered' | 'data'>>

/**
 * What has to be done before a step, whatever called it: a state machine that goes on after something failed comes no
 * further than to a refusal.
 */
const NEEDS: Partial<Record<AnyStep, readonly AnyStep[]>> = {
  lock: ['validate'],
  preflight: ['lock'],
  approve: ['preflight'],
  fence: ['lock', 'preflight'],
  prove: ['fence'],
  drain: ['prove'],
  groups: ['drain'],
  stop: ['groups'],
  boundary: ['stop'],
  promote: ['lock', 'preflight', 'prove', 'drain', 'groups', 'stop', 'boundary'],
  switch: ['promote'],
  verify: ['promote'],
  reverse: ['promote'],
}

/** What may still be done once a failover is being undone. */
const AFTER_ROLLBACK: readonly AnyStep[] = ['rollback', 'report', 'release']

/**
 * What changes anything for applications before the point of no return, and only once the latest preflight says that it may.
 * What follows the promotion is none of it: no preflight may keep a failover from going on then.
 */
export const CHANGES: readonly AnyStep[] = ['fence', 'groups', 'stop', 'promote']

/** The latest preflight either needs nobody, or somebody has approved what it says. */
const isApproved = (before: Records): boolean => {
  const { needsApproval, hash } = before.get('preflight')?.answered ?? {}
  if (needsApproval === false) return true
  const approval = before.get('approve')
  return approval?.outcome === 'done' && hash !== undefined && approval.answered?.['hash'] === hash
}

/** Why a step may not be done now; absent: it may. */
export const whyNotNow = (step: AnyStep, before: Records): string | undefined => {
  const rollback = before.get('rollback')?.outcome
  if (rollback !== undefined && rollback !== 'refused' && !AFTER_ROLLBACK.includes(step))
    return 'what was done is being undone'
  if (before.get('release')?.outcome === 'done') return 'the execution has given its lock back'
  if (CHANGES.includes(step) && before.get('preflight')?.answered?.['passed'] === false) return 'the preflight says no'
  if (CHANGES.includes(step) && before.get('preflight')?.outcome === 'done' && !isApproved(before))
    return 'nobody has approved what the preflight says'
  const missing = NEEDS[step]?.filter((needed) => before.get(needed)?.outcome !== 'done') ?? []
  return missing.length === 0 ? undefined : `${missing.join(', ')} is not done`
}

/** Nobody changes anything by another input than the preflight was made for, as somebody might who calls a step by hand. */
const whyNotAsked = (step: AnyStep, input: FailoverInput, before: Known): string | undefined =>
  CHANGES.includes(step) ? whyNotApproved(input, before.get('preflight')?.data['report']) : undefined

/** Why a step is not to be called at all; absent: it is. */
export const whyNotCalled = (step: AnyStep, input: FailoverInput, before: Known): string | undefined =>
  whyNotNow(step, before) ?? whyNotAsked(step, input, before)

/** The latest attempt of each step. */
export const latestOf = (records: Iterable<StepRecord>): ReadonlyMap<AnyStep, StepRecord> => {
  const latest = new Map<AnyStep, StepRecord>()
  for (const record of records)
    if (record.attempt >= (latest.get(record.step)?.attempt ?? 0)) latest.set(record.step, record)
  return latest
}
