import type { Clock, Deadline } from '../../usecases/ports.ts'
import { rest } from '../running-deadline.ts'

/**
 * Lambda takes 15 requests a second to its control plane, of everybody in the account and region together. A third is
 * left to deploys and to whoever else asks.
 */
const REQUESTS_A_SECOND = 10

/** Turns at even distances, for all who share it. */
export class RequestPace {
  readonly #distanceMs: number
  readonly #clock: Clock
  #nextAt = 0

  constructor({ requestsASecond = REQUESTS_A_SECOND, clock = Date }: { requestsASecond?: number; clock?: Clock } = {}) {
    this.#distanceMs = 1_000 / requestsASecond
    this.#clock = clock
  }

  /** Resolves to whether it is our turn; not when that would be after the deadline. */
  async turn(deadline: Deadline): Promise<boolean> {
    const now = this.#clock.now()
    const at = Math.max(now, this.#nextAt)
    if (deadline.signal.aborted || at >= deadline.at) return false
    this.#nextAt = at + this.#distanceMs
    return rest(at - now, deadline)
  }
}
