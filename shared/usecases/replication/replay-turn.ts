import { ReplicationError } from '../../domain/errors.ts'
import type { Lease } from '../lease-ports.ts'
import type { Clock, Deadline } from '../ports.ts'

export interface TurnDeps {
  /** One at a time puts records of a link back: two who saw the same one wait would both append it. */
  readonly lease: Lease
  readonly clock: Clock
  /** Of one append, so that a link that was stopped meanwhile is quiet after that long. */
  readonly appendDeadlineMs: number
}

/** Of one write to the table, which follows an append. */
export const MARK_WITHIN_MS = 10_000
/** How far the clocks of two operators may differ. */
const SKEW_MS = 5_000
/** What is left over so that not every record costs a write of the lease, and how long a dead one is waited for at most. */
const SPARE_MS = 30_000
const TOO_LONG = 'it took too long, so that somebody else may have meanwhile'

/** The turn of whoever puts records back, from before they are listed until the last one is marked. */
export class ReplayTurn {
  readonly #owner: string
  readonly #deps: TurnDeps
  #until: number | undefined
  #lost: ReplicationError | undefined

  constructor(owner: string, deps: TurnDeps) {
    this.#owner = owner
    this.#deps = deps
  }

  /**
   * Takes it, or makes sure that enough is left of it for one append and its mark. `CHECKPOINT_MOVED` when it is somebody
   * else's, and when it was let run out: somebody else may have had it since, and put back what was listed before. So one
   * that is lost stays lost, and one that was kept too late, whatever the table has answered, is lost.
   */
  async keep(deadline: Deadline): Promise<'ours' | ReplicationError> {
    if (this.#lost !== undefined) return this.#lost
    const { lease, clock, appendDeadlineMs } = this.#deps
    const now = clock.now()
    const needed = appendDeadlineMs + MARK_WITHIN_MS + SKEW_MS
    if (this.#until !== undefined && this.#until - now >= needed) return 'ours'
    if (this.#isOver(now)) return this.#lose(TOO_LONG)
    const until = now + needed + SPARE_MS
    if ((await lease.acquire(this.#owner, now, until, deadline)) === 'held')
      return this.#lose(`somebody else does, or died doing it not ${Math.ceil((needed + SPARE_MS) / 1_000)} s ago`)
    if (this.#isOver(clock.now())) return this.#lose(TOO_LONG)
    this.#until = until
    return 'ours'
  }

  /** For the clock of somebody else, which may be ahead. */
  #isOver(now: number): boolean {
    return this.#until !== undefined && this.#until - SKEW_MS <= now
  }

  #lose(because: string): ReplicationError {
    this.#lost = new ReplicationError(
      'CHECKPOINT_MOVED',
      `replaying quarantined records: ${because}; call it again later`,
    )
    return this.#lost
  }

  /** One that is not given back runs out, which must not hide what was done. */
  async end(deadline: Deadline): Promise<void> {
    try {
      await this.#deps.lease.release(this.#owner, deadline)
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error
    }
  }
}
