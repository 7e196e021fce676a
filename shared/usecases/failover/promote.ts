import { lockFacts } from '../../domain/failover/lock-facts.ts'
import { promoted } from '../../domain/failover/pair-roles.ts'
import type { LinkStatus } from '../../domain/head.ts'
import { changeStatus, type StatusVerdict } from './change-status.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { PerformStep } from './failover-ports.ts'

/**
 * The point of no return, which is one write: the target is the active cluster, in the epoch that the lock has reserved. Then
 * applications are let in. Who dies between the two has promoted, and whoever comes next lets them in.
 */
export const promote: PerformStep<CoreDeps> = async (context, deadline, deps) => {
  const { epoch } = lockFacts(context.before)
  const { cluster } = deps.order.to
  if (!context.effects)
    return { outcome: 'done', message: `would make ${cluster} the active cluster, in epoch ${epoch}` }
  const held = { by: context.execution.arn, phase: 'acting' as const }
  const outcome = await changeStatus(deps.forward.pair, held, (now) => promoting(now, epoch), deadline)
  if ('because' in outcome) return { outcome: outcome.kind, message: outcome.because }
  const opened = await deps.gate.open('to', context, deadline)
  const message = `${cluster} is the active cluster, in epoch ${epoch}; ${opened.message}`
  return { ...opened, message, facts: { epoch, promoted: true } }
}

const promoting = (now: LinkStatus, epoch: number): StatusVerdict => {
  if (now.role === 'active' && now.epoch === epoch) return { kind: 'is-so' }
  if (now.role === 'active' || now.epoch >= epoch)
    return { kind: 'refused', because: `the link is in epoch ${now.epoch} by now, and ${epoch} was to come` }
  if (now.mode !== 'stopped')
    return { kind: 'refused', because: `the link is ${now.mode}, so that records may still come` }
  return { kind: 'change', to: promoted(epoch) }
}
