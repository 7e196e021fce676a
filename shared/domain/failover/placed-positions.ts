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
  /** In the ledger, as many of the positions as whoever verifies later looks at. */
  readonly placed: readonly PlacedPosition[]
}

/** An item of the table holds 400 KB, and Kafka bounds no name of a group: so many are kept, of positions and of names, */
const MOST_KEPT = 500
/** and of each as many as fit into so much JSON. */
const MOST_KEPT_BYTES = 100_000

const utf8 = new TextEncoder()

/** The first of them, as many as there is room for. */
const kept = <One>(all: readonly One[]): readonly One[] => {
  const fitting: One[] = []
  let room = MOST_KEPT_BYTES
  for (const one of all.slice(0, MOST_KEPT)) {
    room -= utf8.encode(`${JSON.stringify(one)},`).length
    if (room < 0) break
    fitting.push(one)
  }
  return fitting
}

/** As the ledger takes them: all are counted, and the first ones are told. */
export const placedAsKept = (facts: PlacedFacts): PlacedFacts => ({
  ...facts,
  live: kept(facts.live),
  placed: kept(facts.placed),
})

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
    placed: [...stayed, ...now.placed],
  }
}

const MOST_NAMED = 20
const MOST_OF_A_NAME = 100

/** For people: the first names of so many. */
const namedOf = (names: readonly string[], all: number): string => {
  const told = names
    .slice(0, MOST_NAMED)
    .map((name) => (name.length > MOST_OF_A_NAME ? `${name.slice(0, MOST_OF_A_NAME)}…` : name))
  return [...told, ...(all > told.length ? ['…'] : [])].join(', ')
}

/** What an operator has to know besides how many there are. */
export const placedDoubts = ({ liveGroups, live, unheard }: Omit<PlacedFacts, 'placed'>): string => {
  const named = namedOf(live, liveGroups)
  const left =
    liveGroups === 0 ? '' : `; ${liveGroups} groups have members there, and were left where these are: ${named}`
  return unheard === undefined ? left : `${left}; groups that only the source knows may be left out: ${unheard}`
}

/** Which groups are left where they were placed when all else is put back. `facts` absent: nobody knows which ones. */
export const placedStill = (facts: PlacedFacts | undefined): string | undefined => {
  if (facts === undefined) return 'which groups were placed is not known, and those stay where they were'
  const named = [...new Set(facts.placed.map(({ group }) => group))]
  if (facts.groups === 0) return undefined
  return `${facts.groups} groups stay where they were placed: ${namedOf(named, facts.groups)}`
}
