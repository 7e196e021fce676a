/** Something that is gone when its rack is: an in-sync replica, a voter of the controllers' quorum. */
export interface Member {
  readonly node: number
  /** Absent: nobody tells, so it may stand in any rack. */
  readonly rack?: string
}

/** Racks whose loss alone is too much, as far as they can be named. */
export interface FatalRacks {
  readonly racks: readonly string[]
  /** Nodes in racks that nobody tells; whichever these are, losing any of them is too much. */
  readonly rackOf: readonly number[]
}

export type Survival =
  | { readonly kind: 'safe' }
  | ({ readonly kind: 'unsafe' } & FatalRacks)
  /** It depends on where these nodes stand. */
  | { readonly kind: 'unknown'; readonly untold: readonly number[] }

/**
 * Whether `needed` of `members` are left when any one rack is lost. `unsafe` and `safe` hold wherever the members stand
 * whose racks nobody tells: at best each of them has a rack of its own, at worst all share the fullest one.
 */
export const survivalOf = (members: readonly Member[], needed: number): Survival => {
  const sizes = sizesOf(members)
  const untold = members.filter(({ rack }) => rack === undefined).map(({ node }) => node)
  const spare = members.length - needed
  const racks = [...sizes].filter(([, size]) => size > spare).map(([rack]) => rack)
  const rackOf = spare < 1 ? untold : []
  if (spare < 0 || racks.length > 0 || rackOf.length > 0) return { kind: 'unsafe', racks: racks.sort(), rackOf }
  const atWorst = Math.max(0, ...sizes.values()) + untold.length
  return untold.length > 0 && atWorst > spare ? { kind: 'unknown', untold } : { kind: 'safe' }
}

const sizesOf = (members: readonly Member[]): ReadonlyMap<string, number> => {
  const sizes = new Map<string, number>()
  for (const { rack } of members) if (rack !== undefined) sizes.set(rack, (sizes.get(rack) ?? 0) + 1)
  return sizes
}
