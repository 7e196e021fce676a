import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import {
  type GroupPassReport,
  type GroupTranslation,
  groupPassReport,
  groupPlanReport,
} from '../../shared/usecases/group-report.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import { planGroupMoves, type SyncGroupsDeps, syncGroups } from '../../shared/usecases/sync-groups.ts'
import { translateGroup } from '../../shared/usecases/translate-group.ts'

/** What the part of Lambda's context is that matters here. */
export interface InvocationContext {
  readonly invokedFunctionArn: string
  getRemainingTimeInMillis(): number
}

export interface HandlerDeps {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => SyncGroupsDeps
  /** Told of passes; plans and translations change nothing, and are told only to whoever asked. */
  readonly tell: (report: GroupPassReport) => void
}

/** Left to telling what was done. */
const ANSWER_MARGIN_MS = 2_000

/**
 * One pass over the consumer groups of the link; with `{ "mode": "plan" }` it only says what it would do, and with
 * `{ "mode": "translate", "group": "…" }` where one group stands. What fails for one group is in the report; it throws
 * when nothing could be done at all, and the next minute tries again.
 */
export const createHandler = ({ connect, tell }: HandlerDeps) => {
  let connected: SyncGroupsDeps | undefined
  return async (event: unknown, context: InvocationContext): Promise<GroupPassReport | GroupTranslation> => {
    const task = taskOf(event)
    connected ??= connect(placeOf(context))
    const deadline = startDeadline(Math.max(0, context.getRemainingTimeInMillis() - ANSWER_MARGIN_MS))
    try {
      return await perform(task, deadline, connected, tell)
    } finally {
      deadline.end()
    }
  }
}

type Task = { readonly mode: 'plan' | 'apply' } | { readonly mode: 'translate'; readonly group: string }

const perform = async (
  task: Task,
  deadline: Deadline,
  deps: SyncGroupsDeps,
  tell: HandlerDeps['tell'],
): Promise<GroupPassReport | GroupTranslation> => {
  if (task.mode === 'translate') return await translateGroup(task.group, deadline, deps)
  if (task.mode === 'plan') return groupPlanReport(await planGroupMoves(deadline, deps))
  const report = groupPassReport(await syncGroups(deadline, deps))
  tell(report)
  return report
}

const taskOf = (event: unknown): Task => {
  const asked = typeof event === 'object' && event !== null ? event : {}
  const mode = 'mode' in asked ? asked.mode : 'apply'
  if (mode === 'plan' || mode === 'apply') return { mode }
  const group = 'group' in asked ? asked.group : undefined
  if (mode === 'translate' && typeof group === 'string' && group !== '') return { mode, group }
  const doing =
    mode === 'translate'
      ? 'reading the event: it names no group to translate'
      : `reading the event: its mode is ${JSON.stringify(mode)}, and there are plan, apply and translate`
  throw new ReplicationError('EVENT_MALFORMED', doing)
}

const placeOf = ({ invokedFunctionArn }: InvocationContext): AwsPlace => {
  const [, partition = 'aws', , region = '', account = ''] = invokedFunctionArn.split(':')
  return { partition, region, account }
}
