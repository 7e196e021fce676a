import type { Approved } from '../../domain/failover/step-call.ts'
import { type AskDeps, askOperator } from './ask-operator.ts'
import type { PerformStep, StepContext, StepResult } from './failover-ports.ts'

/**
 * Asks somebody to approve what the preflight says; told of the answer, writes it down where every later step looks, tied to
 * the preflight that it was given for. Who may call this step may approve.
 */
export const approve: PerformStep<AskDeps> = async (context, deadline, deps) => {
  const { approved } = context.call
  return approved === undefined ? await askOperator('approve')(context, deadline, deps) : written(approved, context)
}

const written = ({ hash, by }: Approved, { before }: StepContext): StepResult => {
  const { hash: found } = before.get('preflight')?.answered ?? {}
  if (hash !== found)
    return { outcome: 'refused', message: `${by} has approved ${hash}, and the latest preflight is ${found ?? 'none'}` }
  return { outcome: 'done', message: `${by} has approved ${hash}`, data: { hash }, facts: { by } }
}
