import { type PlacedPosition, placedIn } from './placed-positions.ts'
import type { PreflightReport } from './preflight-report.ts'
import { type GroupPlace, type ReportFacts, recordOf } from './report-facts.ts'

/** Where the consumer groups went. */
export interface ReportGroups {
  /** What the step said of them. */
  readonly message?: string
  readonly groups: number
  /** How many there are, of which `places` names the first. */
  readonly positions: number
  readonly places: readonly GroupPlace[]
  /** Records that consumers read again, or skip; absent: nobody can tell. */
  readonly readAgain?: number
  readonly skipped?: number
  /** Where these figures come from. */
  readonly because: string
}

/** A report is read as a whole; more than that is in the table of the link. */
const MOST_PLACES = 20_000

export const reportGroups = (facts: ReportFacts, preflight: PreflightReport | undefined): ReportGroups => {
  const record = recordOf(facts.records, 'groups')
  const places = placesOf(facts, placedOf(facts))
  return {
    ...(record && { message: record.message }),
    groups: new Set(places.map(({ group }) => group)).size,
    positions: places.length,
    places: places.slice(0, MOST_PLACES),
    ...rereads(facts, record?.data ?? {}, preflight),
  }
}

/**
 * Where somebody has chosen where groups go: the promotion places them, and in a drill they would be placed. `undefined`:
 * nobody knows, which is not that none was.
 */
const placedOf = ({ records, input }: ReportFacts): readonly PlacedPosition[] | undefined =>
  placedIn(recordOf(records, input.mode === 'drill' ? 'groups' : 'promote')?.data)?.placed

type Rereads = Pick<ReportGroups, 'readAgain' | 'skipped' | 'because'>

const rereads = (
  facts: ReportFacts,
  data: Readonly<Record<string, unknown>>,
  preflight: PreflightReport | undefined,
): Rereads => {
  const { input, records } = facts
  if (input.positions.kind !== 'mapped') return byChoice(facts)
  if (recordOf(records, 'groups')?.outcome !== 'done' && input.mode !== 'drill') return NOT_MOVED
  if (input.mode === 'drill') return { ...counts(data), because: 'read on both clusters where groups would resume' }
  if (input.mode !== 'unplanned' || data['passes'] !== undefined)
    return { readAgain: 0, skipped: 0, because: 'groups resume at the record that they had not read' }
  const { reread } = preflight ?? {}
  if (reread === undefined) return { because: 'nobody knows how far consumers were when the source was last heard of' }
  return {
    readAgain: reread.reread,
    skipped: 0,
    because: 'as the lag canary knew it when the source was last heard of',
  }
}

const NOT_MOVED: Rereads = { because: 'groups were not moved' }

const counts = ({ readAgain, skipped }: Readonly<Record<string, unknown>>): Pick<Rereads, 'readAgain' | 'skipped'> => ({
  ...(typeof readAgain === 'number' && { readAgain }),
  ...(typeof skipped === 'number' && { skipped }),
})

/** What was begun and left no word may have been done. In offsets of the target: some of them may be markers. */
const byChoice = (facts: ReportFacts): Rereads => {
  const { records, input, places } = facts
  const placed = placedOf(facts)
  if (placed === undefined && (input.mode === 'drill' || recordOf(records, 'promote') === undefined)) return NOT_MOVED
  if (placed === undefined) return { because: NOT_KNOWN }
  const because = 'groups were set where somebody chose; offsets against where they would have resumed'
  const chosen = new Map(placed.map((place) => [nameOf(place), BigInt(place.offset)]))
  let [readAgain, skipped] = [0n, 0n]
  for (const place of places) {
    const offset = chosen.get(nameOf(place))
    const by = offset === undefined ? 0n : offset - BigInt(place.after)
    if (by < 0n) readAgain -= by
    else skipped += by
  }
  return { readAgain: Number(readAgain), skipped: Number(skipped), because }
}

const NOT_KNOWN =
  'which groups were placed is not known: each is where it would have resumed, or where somebody chose; look where they stand'

/** Where somebody has chosen where groups go, that is where they are. */
const placesOf = ({ places }: ReportFacts, placed: readonly PlacedPosition[] = []): readonly GroupPlace[] => {
  const chosen = new Map(placed.map((place) => [nameOf(place), place]))
  const published = places.map((place) => ({ ...place, after: chosen.get(nameOf(place))?.offset ?? place.after }))
  for (const place of places) chosen.delete(nameOf(place))
  const others = [...chosen.values()].map(({ group, topic, partition, offset }) => ({
    group,
    topic,
    partition,
    after: offset,
  }))
  return [...published, ...others]
}

const nameOf = ({ group, topic, partition }: Omit<PlacedPosition, 'offset'>): string =>
  JSON.stringify([group, topic, partition])
