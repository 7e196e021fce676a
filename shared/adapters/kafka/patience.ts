import { setTimeout as delay } from 'node:timers/promises'
import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import type { Deadline } from '../../usecases/ports.ts'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1000

/** How long to wait before try `attempt` (0 is the first repetition), spread so that clients do not come back together. */
export const pauseMs = (attempt: number): number => {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)
  return full * (0.5 + Math.random() / 2)
}

/** Waits, or returns early when `signal` fires; leaves no timer. */
export const waitOrAbort = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await delay(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Why something was tried again, and the code for when that does not help. */
export interface Trouble {
  readonly code: ErrorCode
  readonly because: string
}

/** Tries again until a deadline, and remembers what the trouble was. */
export class Patience {
  readonly #deadline: Deadline
  readonly #pauseMs: (attempt: number) => number
  readonly #fail: (code: ErrorCode, because: string) => ReplicationError
  #last: Trouble = { code: 'DEADLINE_PASSED', because: 'nothing was sent' }

  constructor(
    deadline: Deadline,
    pause: (attempt: number) => number,
    fail: (code: ErrorCode, because: string) => ReplicationError,
  ) {
    this.#deadline = deadline
    this.#pauseMs = pause
    this.#fail = fail
  }

  get signal(): AbortSignal {
    return this.#deadline.signal
  }

  /** A frozen sandbox wakes up with its timers late, so the clock is looked at as well. */
  throwAtDeadline(): void {
    if (!this.signal.aborted && Date.now() < this.#deadline.at) return
    throw this.#fail(this.#last.code, `the deadline passed; before it: ${this.#last.because}`)
  }

  async pause({ code, because }: Trouble, attempt: number): Promise<void> {
    this.#last = { code, because }
    await waitOrAbort(this.#pauseMs(attempt), this.signal)
    this.throwAtDeadline()
  }

  /** Repeats a question as long as the answer is that no broker can be reached. */
  async ask<T>(unreachable: ErrorCode, question: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      this.throwAtDeadline()
      try {
        return await question(this.signal)
      } catch (error) {
        if (!(error instanceof ReplicationError) || error.code !== unreachable) throw error
        await this.pause({ code: error.code, because: error.message }, attempt)
      }
    }
  }
}
