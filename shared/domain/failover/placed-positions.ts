/** Where a failover has put a position of a group that was not to resume where it was. `topic`: as named on the target. */
export interface PlacedPosition {
  readonly group: string
  readonly topic: string
  readonly partition: number
  /** As decimal digits. */
  readonly offset: string
}

/** What the ledger keeps of groups that were placed, or would be. */
export interface PlacedFacts {
  readonly groups: number
  readonly positions: number
  /** Groups that had members on the target, and were left where these were; `live` names the first of them. */
  readonly liveGroups: number
  readonly live: readonly string[]
  /** Why not everything that the source knows of groups was heard. */
  readonly unheard?: string
  /** As many of the positions as whoever verifies later looks at. */
  readonly placed: readonly PlacedPosition[]
}

/** An item of the table holds so many, of positions and of names. */
export const MOST_KEPT = 500

/** Absent: the record of the step does not tell, which is not that there are none. */
export const placedIn = (data: Readonly<Record<string, unknown>> | undefined): PlacedFacts | undefined => {
  const { placed, groups, positions, liveGroups, live, unheard } = data ?? {}
  if (!Array.isArray(placed)) return undefined
  const known = placed.filter(isPlaced)
  const named = Array.isArray(live) ? live.map(String) : []
  return {
    groups: typeof groups === 'number' ? groups : new Set(known.map(({ group }) => group)).size,
    positions: typeof positions === 'number' ? positions : known.length,
    liveGroups: typeof liveGroups === 'number' ? liveGroups : named.length,
    live: named,
    ...(typeof unheard === 'string' && { unheard }),
    placed: known,
  }
}

const isPlaced = (place: unknown): place is PlacedPosition =>
  typeof place === 'object' && place !== null && 'group' in place && 'topic' in place && 'offset' in place

/** A group that was placed, and has members when that is done again, is where it was placed, or further. */
export const placedAgain = (before: PlacedFacts | undefined, now: PlacedFacts): PlacedFacts => {
  const stayed = (before?.placed ?? []).filter(({ group }) => now.live.includes(group))
  const groups = new Set(stayed.map(({ group }) => group))
  return {
    ...now,
    groups: now.groups + groups.size,
    positions: now.positions + stayed.length,
    liveGroups: now.liveGroups - groups.size,
    live: now.live.filter((group) => !groups.has(group)),
    placed: [...stayed, ...now.placed].slice(0, MOST_KEPT),
  }
}

const MOST_NAMED = 20

/** What an operator has to know besides how many there are. */
export const placedDoubts = ({ liveGroups, live, unheard }: Omit<PlacedFacts, 'placed'>): string => {
  const named = `${live.slice(0, MOST_NAMED).join(', ')}${liveGroups > MOST_NAMED ? ', …' : ''}`
  const left =
    liveGroups === 0 ? '' : `; ${liveGroups} groups have members there, and were left where these are: ${named}`
  return unheard === undefined ? left : `${left}; groups that only the source knows may be left out: ${unheard}`
}
