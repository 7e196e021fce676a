import { createFunction, modeOf, unknownMode } from '../../shared/adapters/lambda/invocation.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { type AccessReport, accessPassReport, accessPlanReport } from '../../shared/usecases/access/access-report.ts'
import {
  grantAccess,
  planLinkAccess,
  type SyncAccessDeps,
  syncAccess,
} from '../../shared/usecases/access/sync-access.ts'
import type { AccessMode } from '../../shared/usecases/failover/link-functions.ts'

export interface HandlerDeps {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => SyncAccessDeps
  /** Told of passes; plans change nothing, and are told only to whoever asked. */
  readonly tell: (report: AccessReport) => void
}

const accessModeOf = (event: unknown): AccessMode => {
  const mode = modeOf(event)
  if (mode === 'plan' || mode === 'apply' || mode === 'grant') return mode
  throw unknownMode(mode, 'plan and apply, and grant for a failover')
}

/**
 * One pass over the rights of the link; with `{ "mode": "plan" }` it only says what it would do, and with `grant` it asks
 * nothing of the source. What fails for one right
 * is in the report; it throws when nothing could be found out or done at all, and the next pass tries again.
 */
export const createHandler = ({ connect, tell }: HandlerDeps) =>
  createFunction(accessModeOf, connect, async (mode, deadline, deps): Promise<AccessReport> => {
    if (mode === 'plan') return accessPlanReport(await planLinkAccess(deadline, deps))
    const pass = mode === 'grant' ? grantAccess : syncAccess
    const report = accessPassReport(await pass(deadline, deps))
    tell(report)
    return report
  })
