import { ReplicationError } from '../../domain/errors.ts'
import { lockFacts } from '../../domain/failover/lock-facts.ts'
import type { LinkStatus } from '../../domain/head.ts'
import { PASS_TIMEOUT_MS } from '../../domain/pass-timeout.ts'
import type { Deadline } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { settleMappings } from '../topics/settle-mappings.ts'
import { brief } from './brief-deadline.ts'
import { changeStatus, type StatusVerdict } from './change-status.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { PerformStep, StepContext, StepResult } from './failover-ports.ts'
import { pairTopics, partitionsOf } from './pair-topics.ts'

/** How long one call waits for the pollers: short enough that the state machine sees what is awaited. */
const WAIT_MS = 20_000
const STILL_MS = 1_000

/**
 * Nothing is forwarded any more, proved three times over: the link is stopped, which every invocation that begins from now on
 * reads before it appends; the pollers are disabled; and every invocation that began before has timed out, after which the
 * checkpoints stand still.
 */
export const stop: PerformStep<CoreDeps> = async (context, deadline, deps) => {
  const { epoch } = lockFacts(context.before)
  if (!context.effects)
    return { outcome: 'done', message: 'would stop forwarding, and wait until nothing is on its way' }
  const held = { by: context.execution.arn, phase: 'acting' as const }
  const stopped = await changeStatus(deps.forward.pair, held, (now) => stopping(now, epoch), deadline)
  if ('because' in stopped) return { outcome: stopped.kind, message: stopped.because }
  const since = stoppedSince(context) ?? deps.clock.now()
  const facts = { stoppedAt: since }
  const awaited = await awaitPollers(deadline, deps)
  if (awaited !== undefined) return { outcome: 'again', message: awaited, facts }
  return await awaitInvocations(since + quietAfterMs(context, deps), since, deadline, deps)
}

const stopping = (now: LinkStatus, epoch: number): StatusVerdict => {
  if (now.role === 'active')
    return { kind: 'refused', because: `the target is the active cluster, since epoch ${now.epoch}` }
  if (now.epoch >= epoch)
    return { kind: 'refused', because: `the link is in epoch ${now.epoch} by now, and ${epoch} was to come` }
  return now.mode === 'stopped' ? { kind: 'is-so' } : { kind: 'change', to: { ...now, mode: 'stopped' } }
}

/** When a call of this step saw first that the link was stopped. */
const stoppedSince = ({ before }: StepContext): number | undefined => {
  const at = before.get('stop')?.data['stoppedAt']
  return typeof at === 'number' ? at : undefined
}

/** What is awaited; `undefined` when they are disabled. Trouble that may pass does not begin the wait for invocations anew. */
const awaitPollers = async (deadline: Deadline, { forward, clock, rest }: CoreDeps): Promise<string | undefined> => {
  const soon = brief(deadline, WAIT_MS, { clock })
  const settling = { mappings: forward.mappings, clock, rest, progress: () => undefined }
  try {
    const { waiting } = await settleMappings(() => 'Disabled', soon, settling)
    return waiting.length === 0 ? undefined : `${waiting.length} event source mappings are not disabled yet`
  } catch (error) {
    if (error instanceof ReplicationError && error.transient) return error.message
    throw error
  }
}

/**
 * After so long whoever began before the link was stopped has been ended by its timeout. A pass over the groups that is late
 * moves them to where they were, which is wrong only where somebody has chosen another place.
 */
const quietAfterMs = ({ execution }: StepContext, { order }: Pick<CoreDeps, 'order'>): number => {
  const { order: groups, functions } = order.forward
  const passes = execution.input.positions.kind !== 'mapped' && functions.syncGroups !== undefined
  return Math.max(groups.link.functionTimeoutMs, passes ? PASS_TIMEOUT_MS : 0)
}

/** Nothing of before is under way any more; then no checkpoint moves. */
const awaitInvocations = async (
  until: number,
  since: number,
  deadline: Deadline,
  deps: CoreDeps,
): Promise<StepResult> => {
  const left = until - deps.clock.now()
  const facts = { stoppedAt: since }
  const wait = Math.min(left, WAIT_MS)
  if (wait > 0 && !(await deps.rest(wait, deadline))) return { outcome: 'again', message: ENDING, facts }
  if (left > wait) return { outcome: 'again', message: ENDING, facts }
  if (!(await standStill(deadline, deps))) return { outcome: 'again', message: 'a checkpoint still moved', facts }
  return {
    outcome: 'done',
    message: 'the link is stopped, its pollers are disabled, and its checkpoints stand still',
    facts,
  }
}

/** Two looks at all checkpoints, a moment apart. */
const standStill = async (deadline: Deadline, deps: CoreDeps): Promise<boolean> => {
  const partitions = (await pairTopics(deadline, deps)).flatMap(partitionsOf)
  const look = async () => {
    const { heads } = await deps.forward.state.read(partitions, deadline)
    return partitions.map((partition) => headIn({ heads }, partition)?.nextSource)
  }
  const first = await look()
  if (!(await deps.rest(STILL_MS, deadline))) return false
  const second = await look()
  return first.every((checkpoint, at) => checkpoint === second[at])
}

const ENDING = 'invocations that began before the link was stopped may still be running'
