import type { Beat } from './beat.ts'

/** What is to be beaten now, the oldest first, and how many beats are too old for that. */
export interface BeatPlan {
  readonly beats: readonly Beat[]
  readonly skipped: number
}

export const BEAT_EVERY_MS = 1_000
/** Ten minutes: what was missed for longer tells nothing that the age of the newest beat did not tell. */
const MOST_MADE_UP = 600

/**
 * One beat for each whole second since the last one, this second included. Those that are skipped take no sequence number.
 * A clock that went back finds nothing due until it has caught up.
 */
export const dueBeats = (last: Beat | undefined, now: number): BeatPlan => {
  const newest = now - (now % BEAT_EVERY_MS)
  if (last === undefined) return { beats: [{ sequence: 1, at: newest }], skipped: 0 }
  const due = Math.max(0, Math.floor((newest - last.at) / BEAT_EVERY_MS))
  const count = Math.min(due, MOST_MADE_UP)
  const beats = Array.from({ length: count }, (_, index) => ({
    sequence: last.sequence + 1 + index,
    at: newest - (count - 1 - index) * BEAT_EVERY_MS,
  }))
  return { beats, skipped: due - count }
}

/** How long until the next beat is due. */
export const untilNextBeat = (now: number): number => BEAT_EVERY_MS - (now % BEAT_EVERY_MS)
