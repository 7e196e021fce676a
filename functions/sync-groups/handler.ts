import { createFunction, modeOf, type PassMode, unknownMode } from '../../shared/adapters/lambda/invocation.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import {
  type GroupPassReport,
  type GroupTranslation,
  groupPassReport,
  groupPlanReport,
} from '../../shared/usecases/groups/group-report.ts'
import { planGroupMoves, type SyncGroupsDeps, syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import { translateGroup } from '../../shared/usecases/groups/translate-group.ts'

export interface HandlerDeps {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => SyncGroupsDeps
  /** Told of passes; plans and translations change nothing, and are told only to whoever asked. */
  readonly tell: (report: GroupPassReport) => void
}

type Task = { readonly mode: PassMode } | { readonly mode: 'translate'; readonly group: string }

/**
 * One pass over the consumer groups of the link; with `{ "mode": "plan" }` it only says what it would do, and with
 * `{ "mode": "translate", "group": "…" }` where one group stands. What fails for one group is in the report; it throws
 * when nothing could be done at all, and the next minute tries again.
 */
export const createHandler = ({ connect, tell }: HandlerDeps) =>
  createFunction(taskOf, connect, async (task, deadline, deps): Promise<GroupPassReport | GroupTranslation> => {
    if (task.mode === 'translate') return await translateGroup(task.group, deadline, deps)
    if (task.mode === 'plan') return groupPlanReport(await planGroupMoves(deadline, deps))
    const report = groupPassReport(await syncGroups(deadline, deps))
    tell(report)
    return report
  })

const taskOf = (event: unknown): Task => {
  const mode = modeOf(event)
  if (mode === 'plan' || mode === 'apply') return { mode }
  if (mode !== 'translate') throw unknownMode(mode, 'plan, apply and translate')
  const group = typeof event === 'object' && event !== null && 'group' in event ? event.group : undefined
  if (typeof group === 'string' && group !== '') return { mode, group }
  throw new ReplicationError('EVENT_MALFORMED', 'reading the event: it names no group to translate')
}
