/** Where the log started when somebody looked. */
export interface StartSeen {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly start: bigint
}

/** Retention takes whole segments, so that a start moves in jumps. */
const WINDOW_MS = 15 * 60_000
/** A single jump right after the first look says little of the speed. */
const SHORTEST_MS = 60_000
const MOST = 16

/** The moves of the last minutes, and where the start was before them. */
export const withStart = (starts: readonly StartSeen[], seen: StartSeen): readonly StartSeen[] => {
  const last = starts.at(-1)
  const moved = last?.start === seen.start ? starts : [...starts, { at: seen.at, start: seen.start }]
  const recent = moved.findIndex(({ at }) => seen.at - at < WINDOW_MS)
  const from = recent === -1 ? moved.length - 1 : Math.max(0, recent - 1)
  return moved.slice(from).slice(-MOST)
}

/** Offsets a second that it moved over the last minutes; absent: it stood still. */
export const startSpeed = (starts: readonly StartSeen[], now: number): number | undefined => {
  const [first, last] = [starts.at(0), starts.at(-1)]
  if (first === undefined || last === undefined || last.start <= first.start) return undefined
  if (now - last.at >= WINDOW_MS) return undefined
  const overMs = Math.max(SHORTEST_MS, Math.min(now - first.at, WINDOW_MS))
  return (Number(last.start - first.start) * 1_000) / overMs
}
