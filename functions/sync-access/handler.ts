import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { type AccessReport, accessPassReport, accessPlanReport } from '../../shared/usecases/access-report.ts'
import { planLinkAccess, type SyncAccessDeps, syncAccess } from '../../shared/usecases/sync-access.ts'

/** What the part of Lambda's context is that matters here. */
export interface InvocationContext {
  readonly invokedFunctionArn: string
  getRemainingTimeInMillis(): number
}

export interface HandlerDeps {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => SyncAccessDeps
  /** Told of passes; plans change nothing, and are told only to whoever asked. */
  readonly tell: (report: AccessReport) => void
}

/** Left to telling what was done. */
const ANSWER_MARGIN_MS = 2_000

/**
 * One pass over the rights of the link; with `{ "mode": "plan" }` it only says what it would do. What fails for one right
 * is in the report; it throws when nothing could be found out or done at all, and the next pass tries again.
 */
export const createHandler = ({ connect, tell }: HandlerDeps) => {
  let connected: SyncAccessDeps | undefined
  return async (event: unknown, context: InvocationContext): Promise<AccessReport> => {
    const mode = modeOf(event)
    connected ??= connect(placeOf(context))
    const deadline = startDeadline(Math.max(0, context.getRemainingTimeInMillis() - ANSWER_MARGIN_MS))
    try {
      if (mode === 'plan') return accessPlanReport(await planLinkAccess(deadline, connected))
      const report = accessPassReport(await syncAccess(deadline, connected))
      tell(report)
      return report
    } finally {
      deadline.end()
    }
  }
}

const MODES = ['plan', 'apply']

const modeOf = (event: unknown): 'plan' | 'apply' => {
  const mode = typeof event === 'object' && event !== null && 'mode' in event ? event.mode : 'apply'
  if (mode === 'plan' || mode === 'apply') return mode
  const doing = `reading the event: its mode is ${JSON.stringify(mode)}, and there are ${MODES.join(' and ')}`
  throw new ReplicationError('EVENT_MALFORMED', doing)
}

const placeOf = ({ invokedFunctionArn }: InvocationContext): AwsPlace => {
  const [, partition = 'aws', , region = '', account = ''] = invokedFunctionArn.split(':')
  return { partition, region, account }
}
