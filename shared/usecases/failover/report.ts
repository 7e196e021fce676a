import { FAILOVER_STEPS } from '../../domain/failover/failover-step.ts'
import type { PerformStep } from './failover-ports.ts'

/** How it ended, and how long each step took; the ledger keeps it with everything that the steps remembered. */
export const report: PerformStep<unknown> = async ({ execution, call, before }) => {
  const records = FAILOVER_STEPS.flatMap((step) => before.get(step) ?? [])
  const timeline = records.map(({ step, outcome, startedAt, endedAt, calls }) => ({
    step,
    outcome,
    startedAt,
    endedAt,
    calls,
  }))
  const ended = records.at(-1)?.endedAt ?? execution.startedAt
  const seconds = Math.round((ended - execution.startedAt) / 1_000)
  const { ending = 'done', stoppedAt } = call
  const because = stoppedAt ? `: ${stoppedAt.step}, ${stoppedAt.message}` : ''
  const message = `${ending} after ${records.length} steps in ${seconds} s${because}`
  return { outcome: 'done', message, facts: { ending, seconds, timeline, ...(stoppedAt && { stoppedAt }) } }
}
