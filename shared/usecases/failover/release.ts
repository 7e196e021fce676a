import { ReplicationError } from '../../domain/errors.ts'
import { lockFacts } from '../../domain/failover/lock-facts.ts'
import type { Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { PerformStep, StepContext } from './failover-ports.ts'

const OTHER_REGION_MS = 5_000

/** Gives the lock back in both regions. Where one does not answer, whoever comes next takes it from an execution that has ended. */
export const release: PerformStep<CoreDeps> = async ({ execution, effects, before }, deadline, deps) => {
  const reserved = unused(before)
  await deps.forward.pair.release(execution.arn, deadline, reserved)
  if (!effects || deps.reverse === undefined) return { outcome: 'done', message: 'the lock is given back' }
  const unheard = await releaseThere(execution.arn, reserved, brief(deadline, OTHER_REGION_MS, deps), deps)
  if (unheard === undefined) return { outcome: 'done', message: 'the lock is given back in both regions' }
  return { outcome: 'done', message: `the lock is given back here; ${unheard.message}` }
}

/** An epoch that nobody was promoted with is the next one's. */
const unused = (before: StepContext['before']): number | undefined =>
  before.get('rollback')?.outcome === 'done' && before.get('lock')?.outcome === 'done'
    ? lockFacts(before).epoch - 1
    : undefined

const releaseThere = async (
  by: string,
  reserved: number | undefined,
  deadline: Deadline,
  { reverse }: CoreDeps,
): Promise<ReplicationError | undefined> => {
  try {
    await reverse?.pair.release(by, deadline, reserved)
    return undefined
  } catch (error) {
    if (error instanceof ReplicationError && error.transient) return error
    throw error
  }
}
