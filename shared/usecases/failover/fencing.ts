import type { FenceCause } from '../../domain/failover/fence-cause.ts'
import type { Deadline } from '../ports.ts'
import type { Fence, Fencing } from './fence-ports.ts'
import type { FenceReport } from './fence-report.ts'
import { applyFences, liftFences, type ProofDeps, proveFences, type SwitchDeps, switchClients } from './fences.ts'

export interface FencingMeans extends ProofDeps, SwitchDeps {
  /** Of the cluster that is failed over to, from when it was failed over from. */
  readonly fencesOfTarget: readonly Fence[]
}

/** What the function of the fence does when it is asked. */
export const fencing = (means: FencingMeans): Fencing => ({
  ask: async (action, cause, deadline): Promise<FenceReport> => {
    switch (action) {
      case 'fence':
        return await applyFences(cause, deadline, means)
      case 'prove':
        return await proveFences(cause, deadline, means)
      case 'lift':
        return await liftFences(cause, deadline, means)
      case 'open':
        return await openTarget(cause, deadline, means)
      case 'switch':
        return await switchClients(cause, deadline, means)
    }
  },
})

/** That fence was made by a failover in the other direction. */
const openTarget = (cause: FenceCause, deadline: Deadline, { fencesOfTarget }: FencingMeans): Promise<FenceReport> =>
  liftFences({ ...cause, from: cause.to, to: cause.from }, deadline, { fences: fencesOfTarget })
