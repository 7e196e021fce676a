import { createFunction, passModeOf } from '../../shared/adapters/lambda/invocation.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { type AccessReport, accessPassReport, accessPlanReport } from '../../shared/usecases/access/access-report.ts'
import { planLinkAccess, type SyncAccessDeps, syncAccess } from '../../shared/usecases/access/sync-access.ts'

export interface HandlerDeps {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => SyncAccessDeps
  /** Told of passes; plans change nothing, and are told only to whoever asked. */
  readonly tell: (report: AccessReport) => void
}

/**
 * One pass over the rights of the link; with `{ "mode": "plan" }` it only says what it would do. What fails for one right
 * is in the report; it throws when nothing could be found out or done at all, and the next pass tries again.
 */
export const createHandler = ({ connect, tell }: HandlerDeps) =>
  createFunction(passModeOf, connect, async (mode, deadline, deps): Promise<AccessReport> => {
    if (mode === 'plan') return accessPlanReport(await planLinkAccess(deadline, deps))
    const report = accessPassReport(await syncAccess(deadline, deps))
    tell(report)
    return report
  })
