import { parseKafkaEvent } from '../../shared/adapters/lambda/kafka-event.ts'
import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import { beatLatencies } from '../../shared/domain/heartbeat/beat-latency.ts'
import type { PartitionOutcome } from '../../shared/domain/outcome.ts'
import { partitionName } from '../../shared/domain/record.ts'
import type { InvocationReport, MalformedPart } from '../../shared/usecases/ports.ts'
import { replicateBatches } from '../../shared/usecases/replication/replicate-batches.ts'
import type { Deadlines, ReplicateDeps } from '../../shared/usecases/replication/replicate-partition.ts'

export interface HandlerDeps extends ReplicateDeps {
  readonly appendDeadlineMs: number
  readonly report: InvocationReport
  /** Told how many milliseconds the beats of the link took. Absent: nobody wants to know. */
  readonly beats?: { readonly link: string; readonly tell: (latencies: readonly number[]) => void }
}

/** The part of Lambda's context that matters here. */
export interface RemainingTime {
  getRemainingTimeInMillis(): number
}

/** Left to the state after the append, and to the answer after the state; a deadline of ours always comes before Lambda's. */
const STATE_MARGIN_MS = 4_000
const ANSWER_MARGIN_MS = 1_000

/**
 * Replicates what one poll brought, and returns only when every partition of it is on the target and remembered.
 * Otherwise it throws, so that the poller keeps the whole batch; for the partitions that were done the redelivery is a no-op.
 */
export const createHandler =
  (deps: HandlerDeps) =>
  async (event: unknown, context: RemainingTime): Promise<void> => {
    const { batches, malformed } = parseKafkaEvent(event)
    const deadlines = startDeadlines(deps.appendDeadlineMs, context.getRemainingTimeInMillis())
    try {
      const outcomes = await replicateBatches(batches, deadlines, deps)
      const now = deps.clock.now()
      deps.report(outcomes, malformed)
      deps.beats?.tell(beatLatencies(deps.beats.link, batches, outcomes, now))
      failIfAnyFailed(outcomes, malformed)
    } finally {
      deadlines.end()
    }
  }

const startDeadlines = (appendDeadlineMs: number, remainingMs: number): Deadlines & { end(): void } => {
  const append = startDeadline(Math.max(0, Math.min(appendDeadlineMs, remainingMs - STATE_MARGIN_MS)))
  const state = startDeadline(Math.max(0, remainingMs - ANSWER_MARGIN_MS))
  return { append, state, end: () => [append, state].forEach((deadline) => void deadline.end()) }
}

const failIfAnyFailed = (outcomes: readonly PartitionOutcome[], malformed: readonly MalformedPart[]): void => {
  const failures = outcomes.flatMap((outcome) =>
    outcome.error ? [{ name: partitionName(outcome), error: outcome.error }] : [],
  )
  const [first] = [...malformed.map(({ where, error }) => ({ name: where, error })), ...failures]
  if (first === undefined) return
  const failed = failures.length + malformed.length
  const doing = `replicating: ${failed} of ${outcomes.length + malformed.length} partitions failed, first ${first.name}`
  throw new ReplicationError(first.error.code, `${doing}: ${first.error.message}`, { cause: first.error })
}
