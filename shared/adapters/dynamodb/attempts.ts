import { setTimeout as pause } from 'node:timers/promises'
import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import type { Clock, Deadline } from '../../usecases/ports.ts'

const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 1_000
const MAY_PASS = new Set<ErrorCode>(['STATE_THROTTLED', 'STATE_UNREACHABLE'])

/** Requests to a table, made again while they may still succeed. */
export class Attempts {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Until the deadline, which throws the trouble before it: a read changes nothing, a write's condition makes a
   * repetition harmless, and a checkpoint that is given up brings its records a second time.
   */
  async make<Answer>(send: () => Promise<Answer>, deadline: Deadline): Promise<Answer> {
    let trouble: ReplicationError | undefined
    for (let attempt = 0; ; attempt++) {
      try {
        return await send()
      } catch (error) {
        if (!(error instanceof ReplicationError) || !MAY_PASS.has(error.code)) throw error
        if (deadline.signal.aborted) throw trouble ?? error
        trouble = error
      }
      await this.breathe(attempt, trouble, deadline)
    }
  }

  /** Throws the trouble when there is no time for another attempt. */
  async breathe(attempt: number, trouble: ReplicationError, deadline: Deadline): Promise<void> {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2)
    if (this.#clock.now() + pauseMs >= deadline.at) throw trouble
    await pause(pauseMs, undefined, { signal: deadline.signal }).catch(() => {
      throw trouble
    })
  }
}
