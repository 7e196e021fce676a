import { setTimeout as pause } from 'node:timers/promises'

/** That a poller is to end, for everything that waits in it. */
export class StopSignal {
  readonly #controller = new AbortController()

  get given(): boolean {
    return this.#controller.signal.aborted
  }

  give(): void {
    this.#controller.abort()
  }

  /** Ends early when the signal is given. */
  async pause(ms: number): Promise<void> {
    try {
      await pause(ms, undefined, { signal: this.#controller.signal })
    } catch {
      // given meanwhile, which whoever paused looks at next
    }
  }

  /** Undefined when the signal is given first; the work goes on unseen. */
  async unlessGiven<Result>(work: Promise<Result>): Promise<Result | undefined> {
    const { signal } = this.#controller
    if (signal.aborted) return undefined
    const { promise: given, resolve } = Promise.withResolvers<undefined>()
    const onAbort = (): void => resolve(undefined)
    signal.addEventListener('abort', onAbort)
    try {
      return await Promise.race([work, given])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

/** Waits for the work, but no longer than that. */
export const atMost = async (work: Promise<void>, ms: number): Promise<void> => {
  const done = new AbortController()
  const deadline = pause(ms, undefined, { signal: done.signal }).catch(() => undefined)
  await Promise.race([work, deadline])
  done.abort()
}
