import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import { untilNextBeat } from '../../domain/heartbeat/beat-plan.ts'
import type { Lease } from '../lease-ports.ts'
import type { Clock, Deadline, LinkState, StartedDeadline, TargetLog } from '../ports.ts'
import type { TopicAdmin } from '../topics/topic-ports.ts'
import { BeatRun } from './beat-run.ts'
import type { HeartbeatLedger } from './heartbeat-ports.ts'

export interface BeatDeps {
  readonly link: { readonly name: string; readonly source: { readonly name: string } }
  /** The log of the link's source, since it is written to here. */
  readonly log: Pick<TargetLog, 'append' | 'clusterId'>
  /** Of the source. */
  readonly topics: Pick<TopicAdmin, 'describe' | 'create'>
  readonly state: Pick<LinkState, 'read'>
  readonly ledger: HeartbeatLedger
  readonly lease: Lease
  readonly clock: Clock
  /** Waits; resolves to whether the deadline was not met meanwhile. */
  readonly rest: (ms: number, deadline: Deadline) => Promise<boolean>
  /** A deadline so far from now, and never beyond this one. */
  readonly within: (ms: number, deadline: Deadline) => StartedDeadline
  readonly fail: (error: ReplicationError) => void
}

/** As whom, and until when beats are begun; milliseconds since 1970. */
export interface BeatTurn {
  readonly owner: string
  readonly until: number
}

/** What one invocation did. */
export interface BeatReport {
  readonly sent: number
  /** Beats that were missed for so long that they are not made up for. */
  readonly skipped: number
  /** How often another invocation was at it. */
  readonly held: number
  readonly failed: number
}

/**
 * Beats every whole second while no other invocation does, and makes up for what was missed. A beat that fails is due again a
 * second later; throws when none succeeded although it was this invocation's turn, so that whoever watches the function
 * hears of it.
 *
 * Two invocations never beat the same: the lease keeps them apart, and no append outlasts it. Who dies between an append and
 * remembering it leaves beats that the next owner sends again, with the same sequence numbers.
 */
export const beat = async ({ owner, until }: BeatTurn, deadline: Deadline, deps: BeatDeps): Promise<BeatReport> => {
  const run = new BeatRun(owner, deps)
  const counts = { sent: 0, skipped: 0, held: 0, failed: 0 }
  let lastError: ReplicationError | undefined
  while (deps.clock.now() <= until && !deadline.signal.aborted) {
    try {
      const done = await run.beat(deadline)
      if (done === 'held') counts.held++
      else [counts.sent, counts.skipped] = [counts.sent + done.sent, counts.skipped + done.skipped]
    } catch (error) {
      lastError = asReplicationError(error, `beating for ${deps.link.name}`)
      counts.failed++
      deps.fail(lastError)
    }
    if (!(await deps.rest(untilNextBeat(deps.clock.now()), deadline))) break
  }
  await endOf(run, deadline, deps)
  if (counts.sent === 0 && lastError !== undefined) throw lastError
  return counts
}

/** A lease that is not given back runs out by itself. */
const endOf = async (run: BeatRun, deadline: Deadline, { link, fail }: BeatDeps): Promise<void> => {
  try {
    await run.end(deadline)
  } catch (error) {
    fail(asReplicationError(error, `giving back the lease on the heartbeats of ${link.name}`))
  }
}
