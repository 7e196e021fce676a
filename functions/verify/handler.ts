import { createFunction } from '../../shared/adapters/lambda/invocation.ts'
import { type Plain, toPlain } from '../../shared/domain/plain.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { differencesIn } from '../../shared/domain/verify/verify-report.ts'
import type { VerificationLedger } from '../../shared/usecases/lag/lag-ports.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import {
  planVerification,
  type VerifyPlan,
  type VerifyPlanDeps,
} from '../../shared/usecases/verify/plan-verification.ts'
import type { RangeReport, VerifyDeps } from '../../shared/usecases/verify/verify-ports.ts'
import { verifyRange } from '../../shared/usecases/verify/verify-range.ts'
import { type SampleReport, verifySample } from '../../shared/usecases/verify/verify-sample.ts'
import { taskOf, type VerifyTask } from './verify-task.ts'

/** What status tells of later is remembered as well. */
export type HandlerConnections = VerifyDeps &
  VerifyPlanDeps & { readonly verification: Pick<VerificationLedger, 'remember'> }

export interface HandlerDeps {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => HandlerConnections
  /** Told of everything that was compared. */
  readonly tell: (report: Pick<SampleReport, 'counts' | 'findings' | 'troubles'> & Partial<SampleReport>) => void
}

export type VerifyAnswer = Plain<SampleReport | VerifyPlan | RangeReport>

/** Left to ending the stretch that is being compared when the time for more is up: reads of both clusters, and of the table. */
const LAST_STRETCH_MS = 15_000

/**
 * Compares both clusters of the link. By itself it takes some samples of each topic; whoever verifies more asks for a plan
 * (`{"mode":"plan"}`, with `topic`, `sample`, `since` in milliseconds since 1970, or `holes`) and then for one range after
 * the other, each again from its `next` (and `uncoveredFrom`, where it has one) on while there is `more`.
 */
export const createHandler = ({ connect, tell }: HandlerDeps) =>
  createFunction(taskOf, connect, async (task, deadline, deps): Promise<VerifyAnswer> => {
    const forMs = Math.max(0, deadline.at - Date.now() - LAST_STRETCH_MS)
    return toPlain(await perform(task, forMs, deadline, { deps, tell }))
  })

const perform = async (
  task: VerifyTask,
  forMs: number,
  deadline: Deadline,
  { deps, tell }: { readonly deps: HandlerConnections; readonly tell: HandlerDeps['tell'] },
): Promise<SampleReport | VerifyPlan | RangeReport> => {
  const now = deps.clock.now()
  if (task.mode === 'plan') return await planVerification(task.scope, task.topic, deadline, deps)
  if (task.mode === 'sample') {
    const report = await verifySample(task.perTopic, now + forMs, deadline, deps)
    tell(report)
    const sawNothing = report.ranges === 0 && report.troubles.length > 0
    if (!sawNothing) await deps.verification.remember({ at: now, differences: differencesIn(report.counts) }, deadline)
    return report
  }
  const report = await verifyRange(task.range, now + Math.min(forMs, task.budgetMs ?? forMs), deadline, deps)
  const { topic, partition, counts, findings } = report
  tell({ counts, findings: findings.map((finding) => ({ topic, partition, ...finding })), troubles: [] })
  return report
}
