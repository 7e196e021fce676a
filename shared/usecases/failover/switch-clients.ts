import { ReplicationError } from '../../domain/errors.ts'
import type { Deadline } from '../ports.ts'
import type { PerformStep, StepContext, WriteGate } from './failover-ports.ts'
import { causeOf, type FencingDeps, owe, resultOf } from './fence.ts'

/**
 * Clients are pointed to the new active cluster. After an unplanned failover the old one is owed a look at what it took and
 * the new one never got, whether or not it answered meanwhile.
 */
export const switchStep: PerformStep<FencingDeps> = async (context, deadline, deps) => {
  const { to } = deps.order
  if (!context.effects) return { outcome: 'done', message: `would point clients to ${to.cluster}` }
  const report = await deps.fencing.ask('switch', causeOf(context, deps), deadline)
  if (report.outcome !== 'done') return resultOf(report)
  const unheard = report.unheard ?? []
  const tail = context.execution.input.mode === 'unplanned' ? (['tail'] as const) : []
  const debts = [...tail, ...(unheard.length > 0 ? (['clients'] as const) : [])]
  const refusal = debts.length === 0 ? undefined : await owe(debts, context, deadline, deps)
  if (refusal !== undefined) return refusal
  const later = unheard.length === 0 ? '' : `; at the first contact also ${unheard.join(' and ')}`
  return { ...resultOf(report), message: `${report.message}${later}` }
}

/**
 * When it is failed over from a region that is gone, nothing that has not to do with it holds up the failover for long: who
 * keeps rights in step goes on granting them by itself.
 */
const leftToThePass = (error: unknown, { execution, before }: StepContext): string => {
  const isLate = (before.get('promote')?.calls ?? 0) >= MOST_CALLS
  const mayMiss = execution.input.mode === 'unplanned' && error instanceof ReplicationError && error.transient
  if (!mayMiss || !isLate) throw error
  return `whether all rights that were held back are granted is not known, and the next pass over them goes on: ${error.message}`
}

/** How often it is tried to hear of the rights. */
const MOST_CALLS = 3

/** Whoever fails over from a cluster that is gone asks nothing of it: its rights follow again when it is back. */
const grantMode = ({ execution }: StepContext): 'apply' | 'grant' =>
  execution.input.mode === 'unplanned' ? 'grant' : 'apply'

/** Opens clusters for writes by lifting fences; rights that were held back follow when `grant` is called. */
export const writeGate = (
  deps: Pick<FencingDeps, 'order' | 'fencing'>,
  grant: (mode: 'apply' | 'grant', deadline: Deadline) => Promise<string>,
): WriteGate => ({
  open: async (cluster, context, deadline) => {
    const action = cluster === 'to' ? 'open' : 'lift'
    const { outcome, message } = await deps.fencing.ask(action, causeOf(context, deps), deadline)
    if (outcome !== 'done' || cluster === 'from') return { outcome, message }
    const granted = await grant(grantMode(context), deadline).catch((error: unknown) => leftToThePass(error, context))
    return { outcome, message: message === '' ? granted : `${message}; ${granted}` }
  },
})
