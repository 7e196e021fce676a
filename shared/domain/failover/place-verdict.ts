/** What would become of a group that resumes at one place of the target. Counts of records. */
export type PlaceVerdict =
  /** `ahead`: it has read what is not on the target yet. */
  | { readonly kind: 'exact' | 'ahead' }
  | { readonly kind: 'read-again' | 'skipped'; readonly records: number }
  | { readonly kind: 'untold'; readonly because: string }

/** Records by what is in them, as long as two of them are the same on both clusters. */
export interface SeenRecord {
  readonly offset: bigint
  readonly digest: string
}

export interface SeenPlace {
  /** What the group would read next on the source. */
  readonly unread: readonly SeenRecord[]
  /** Where it would resume on the target, what it would read there, and what lies right before. */
  readonly at: bigint
  readonly there: readonly SeenRecord[]
  readonly before: readonly SeenRecord[]
  /** Where the log of the target begins, when that is past the place. */
  readonly begins?: bigint
}

/** The record at the place has to be the very next one that the group has not read. */
export const placeVerdict = ({ unread, at, there, before, begins }: SeenPlace): PlaceVerdict => {
  const [next] = unread
  const [found] = there
  if (next === undefined) return found === undefined ? { kind: 'exact' } : { kind: 'read-again', records: there.length }
  if (found?.digest === next.digest) return { kind: 'exact' }
  const later = there.findIndex(({ digest }) => digest === next.digest)
  if (later !== -1) return { kind: 'read-again', records: later }
  const earlier = before.findLastIndex(({ digest }) => digest === next.digest)
  if (earlier !== -1) return { kind: 'skipped', records: before.length - earlier }
  const onward = found === undefined ? -1 : unread.findIndex(({ digest }) => digest === found.digest)
  if (begins !== undefined) return { kind: 'skipped', records: onward === -1 ? Number(begins - at) : onward }
  if (found === undefined || onward !== -1) return { kind: 'exact' } // not there yet, or set aside, or it came from the target
  return {
    kind: 'untold',
    because: `the record at ${found.offset} of the target is none of the next ones of the source`,
  }
}
