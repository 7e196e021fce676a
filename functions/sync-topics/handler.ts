import { createFunction, passModeOf } from '../../shared/adapters/lambda/invocation.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { type PassReport, passReport, planReport } from '../../shared/usecases/topics/pass-report.ts'
import { planLink, type SyncTopicsDeps, syncTopics } from '../../shared/usecases/topics/sync-topics.ts'

export interface HandlerDeps {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => SyncTopicsDeps
  /** Told of passes; plans change nothing, and are told only to whoever asked. */
  readonly tell: (report: PassReport) => void
}

/**
 * One pass over the topics of the link; with `{ "mode": "plan" }` it only says what it would do. What fails for one topic
 * is in the report; it throws when nothing could be done at all, and the next minute tries again.
 */
export const createHandler = ({ connect, tell }: HandlerDeps) =>
  createFunction(passModeOf, connect, async (mode, deadline, deps): Promise<PassReport> => {
    if (mode === 'plan') return planReport(await planLink(deadline, deps))
    const report = passReport(await syncTopics(deadline, deps))
    tell(report)
    return report
  })
