import { setTimeout as pause } from 'node:timers/promises'

const PAUSE_MS = 25

/** Asks again and again until the answer is not undefined or false; throws when that takes longer than allowed. */
export const eventually = async <Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false> | Answer | undefined | false,
  { withinMs, everyMs = PAUSE_MS }: { readonly withinMs: number; readonly everyMs?: number },
): Promise<Answer> => {
  const end = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`waiting for ${what}: not there after ${withinMs / 1000} s`)
    await pause(everyMs)
  }
}
