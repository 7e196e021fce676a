import { createFunction } from '../../shared/adapters/lambda/invocation.ts'
import { startWithin } from '../../shared/adapters/running-deadline.ts'
import type { FailoverFigures, FailoverStanding } from '../../shared/domain/failover/failover-watch.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import type { Fencing } from '../../shared/usecases/failover/fence-ports.ts'
import type { FenceReport } from '../../shared/usecases/failover/fence-report.ts'
import { type PendingDeps, type PendingReport, settlePending } from '../../shared/usecases/failover/settle-pending.ts'
import { failoverStanding, type WatchDeps, watchFailover } from '../../shared/usecases/failover/watch-failover.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import { taskOf } from './fence-task.ts'

export interface HandlerDeps {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => {
    readonly fencing: Fencing
    readonly pending: PendingDeps
    readonly watch: WatchDeps
  }
  /** Told of passes over what is pending; who asks for a fence is told himself. */
  readonly tell: (report: PendingReport) => void
  /** Told whether a failover waits for somebody. */
  readonly gauge: (figures: FailoverFigures) => void
}

type Answer = FenceReport | PendingReport | FailoverStanding

/**
 * Fences, proves, lifts and switches for a failover that asks for it; without an action it is the schedule, and settles what
 * waits for the old active cluster. It answers before whoever asks gives up, so that they hear why.
 */
export const createHandler = ({ connect, tell, gauge }: HandlerDeps) =>
  createFunction(taskOf, connect, async (task, deadline, deps, id): Promise<Answer> => {
    if (task.action === 'status') return await failoverStanding(deadline, deps.watch, deps.pending.forward.pending)
    if (task.action !== 'settle')
      return await within(task.withinMs, deadline, (soon) => deps.fencing.ask(task.action, task.cause, soon))
    const watching = watchFailover(deadline, deps.watch).then(gauge)
    const settling = settlePending(id, deadline, deps.pending).then((report) => {
      tell(report)
      return report
    })
    await Promise.allSettled([watching, settling]) // neither keeps the other from what it does
    await watching
    return await settling
  })

const within = async <Answer>(
  ms: number,
  deadline: Deadline,
  ask: (soon: Deadline) => Promise<Answer>,
): Promise<Answer> => {
  const soon = startWithin(ms, deadline)
  try {
    return await ask(soon)
  } finally {
    soon.end()
  }
}
