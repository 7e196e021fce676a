/** What a consumer made of the records that there are, wherever and however often it was moved. */
export interface ReadingVerdict {
  /** Records got more often than once, though they are there once. */
  readonly readTwice: number
  /** Got more often than once, as often as they are there at most: a crash between append and checkpoint left copies. */
  readonly copies: number
  /** Records that are there and were never got. */
  readonly skipped: number
  /** Got, but never written. */
  readonly strange: number
}

/**
 * `seen`: the ids of all that it got, in any order; `written`: those of all that applications wrote. `copied`: those that
 * a replica holds more often than once, by how often.
 */
export const judgeReading = (
  seen: readonly string[],
  written: ReadonlySet<string>,
  copied: ReadonlyMap<string, number> = new Map(),
): ReadingVerdict => {
  const times = countedIds(seen)
  const verdict = { readTwice: 0, copies: 0, skipped: 0, strange: 0 }
  for (const [id, count] of times) {
    const explained = Math.min(count, copied.get(id) ?? 1) - 1
    verdict.copies += explained
    verdict.readTwice += count - 1 - explained
    if (!written.has(id)) verdict.strange += 1
  }
  for (const id of written) if (!times.has(id)) verdict.skipped += 1
  return verdict
}

/** How often each is there. */
export const countedIds = (ids: readonly string[]): ReadonlyMap<string, number> => {
  const times = new Map<string, number>()
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1)
  return times
}
