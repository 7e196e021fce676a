import { setTimeout as delay } from 'node:timers/promises'

/** Waits, or returns early when `signal` fires; leaves no timer. */
export const waitOrAbort = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await delay(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1000

/** How long to wait before try `attempt` (0 is the first repetition), spread so that clients do not come back together. */
export const pauseMs = (attempt: number): number => {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)
  return full * (0.5 + Math.random() / 2)
}
