import { ReplicationError } from '../../domain/errors.ts'
import type { Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { PerformStep } from './failover-ports.ts'

const OTHER_REGION_MS = 5_000

/** Gives the lock back in both regions. Where one does not answer, whoever comes next takes it from an execution that has ended. */
export const release: PerformStep<CoreDeps> = async ({ execution, effects }, deadline, deps) => {
  await deps.forward.pair.release(execution.arn, deadline)
  if (!effects || deps.reverse === undefined) return { outcome: 'done', message: 'the lock is given back' }
  const unheard = await releaseThere(execution.arn, brief(deadline, OTHER_REGION_MS, deps), deps)
  if (unheard === undefined) return { outcome: 'done', message: 'the lock is given back in both regions' }
  return { outcome: 'done', message: `the lock is given back here; ${unheard.message}` }
}

const releaseThere = async (
  by: string,
  deadline: Deadline,
  { reverse }: CoreDeps,
): Promise<ReplicationError | undefined> => {
  try {
    await reverse?.pair.release(by, deadline)
    return undefined
  } catch (error) {
    if (error instanceof ReplicationError && error.transient) return error
    throw error
  }
}
