import { ReplicationError } from '../../domain/errors.ts'
import type { Lane } from '../../domain/groups/group-stand.ts'
import { reachOf } from '../../domain/groups/position-verdict.ts'
import type { LogRecord } from '../../domain/log-record.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { contentOf, type DigestOptions, digestOf, wholeOf } from '../../domain/verify/record-digest.ts'
import { type GroupSurveyDeps, surveyGroups } from '../groups/survey-groups.ts'
import { inLanes } from '../lanes.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'

/** What reading both clusters at the positions of groups has shown; counts of positions, but for records. */
export interface CheckedPositions {
  /** Of how many there are. */
  readonly positions: number
  readonly checked: number
  /** The next record on the target is the next one that the group has not read. */
  readonly exact: number
  /** The group has read what is not on the target yet: a drain ends that. */
  readonly ahead: number
  /** Records that would be read again, and records that would be skipped. */
  readonly readAgain: number
  readonly skipped: number
  /** Positions that lead nowhere: nothing is replicated there yet, or a transaction would move them. */
  readonly unplaced: number
  /** Where nobody can tell, and why of the first few. */
  readonly untold: number
  readonly troubles: readonly string[]
}

export interface CheckPositionsDeps {
  readonly survey: GroupSurveyDeps
  readonly source: Pick<LogReader, 'read'>
  readonly target: Pick<LogReader, 'read'>
}

/** One place of a group on the target, by what it committed on the source. */
interface Place {
  readonly source: PartitionId & { readonly offset: bigint }
  readonly target: PartitionId & { readonly offset: bigint }
  readonly ahead: boolean
}

/** Each costs two or three reads; groups at one place are one. */
const MOST_PLACES = 1_000
const LANES = 10
const MAX_BYTES = 256 * 1_024
const MOST_TROUBLES = 10
/** How far away on the target a record is looked for that is not where it should be. */
const LOOKED_BACK = 200n

/**
 * Reads the target where each group would resume, as nobody's member: the record there has to be the very next one that
 * the group has not read on the source. Changes nothing.
 */
export const checkPositions = async (deadline: Deadline, deps: CheckPositionsDeps): Promise<CheckedPositions> => {
  const survey = await surveyGroups(deadline, deps.survey)
  const lanes = survey.facts.stands.flatMap((stand) => stand.leads.map((lead): Lane => ({ stand, lead })))
  const { places, ...counts } = placesOf(lanes)
  const found: (PlaceVerdict | ReplicationError)[] = []
  await inLanes(places.slice(0, MOST_PLACES), LANES, async (place) => {
    found.push(await checkedOrWhyNot(place, deps, deadline))
  })
  return summaryOf(counts, found)
}

type PlaceVerdict =
  | { readonly kind: 'exact' | 'ahead' }
  | { readonly kind: 'read-again' | 'skipped'; readonly records: number }
  | { readonly kind: 'untold'; readonly because: string }

interface PlaceCounts {
  readonly positions: number
  readonly unplaced: number
}

const placesOf = (lanes: readonly Lane[]): PlaceCounts & { readonly places: readonly Place[] } => {
  const places = new Map<string, Place>()
  let [positions, unplaced] = [0, 0]
  for (const ofPlace of Map.groupBy(lanes, placeName).values()) {
    const best = reachOf(ofPlace)
    if (ofPlace.every(({ stand }) => stand.echo)) continue
    if ('because' in best) {
      unplaced++
      continue
    }
    positions++
    const { stand, targetTopic, source, bound } = best
    const { partition } = stand
    const place = {
      source: { topic: stand.origin.topic, partition, offset: source },
      target: { topic: targetTopic, partition, offset: bound.target },
      ahead: bound.kind === 'ahead',
    }
    places.set(`${partitionName(place.source)} ${source} ${targetTopic}`, place)
  }
  return { places: [...places.values()], positions, unplaced }
}

const placeName = ({ stand, lead }: Lane): string => JSON.stringify([stand.group, lead.targetTopic, stand.partition])

const checkedOrWhyNot = async (
  place: Place,
  deps: CheckPositionsDeps,
  deadline: Deadline,
): Promise<PlaceVerdict | ReplicationError> => {
  try {
    return place.ahead ? { kind: 'ahead' } : await check(place, deps, deadline)
  } catch (error) {
    if (error instanceof ReplicationError) return error
    throw error
  }
}

/** The target first: what is replicated after that is no surprise on the source. */
const check = async (
  { source, target }: Place,
  { source: sourceLog, target: targetLog, survey }: CheckPositionsDeps,
  deadline: Deadline,
): Promise<PlaceVerdict> => {
  const there = await recordsFrom(target, target.offset, targetLog, deadline)
  const here = await recordsFrom(source, source.offset, sourceLog, deadline)
  const digest = digestBy(
    survey.link,
    there.some(({ timestampIsBrokers }) => timestampIsBrokers === true),
  )
  const [next] = here
  const [found] = there
  if (next === undefined) return found === undefined ? { kind: 'exact' } : { kind: 'read-again', records: there.length }
  if (found === undefined || digest(found) === digest(next)) return { kind: 'exact' }
  const later = there.findIndex((record) => digest(record) === digest(next))
  if (later > 0) return { kind: 'read-again', records: later }
  const from = target.offset > LOOKED_BACK ? target.offset - LOOKED_BACK : 0n
  const before = (await recordsFrom(target, from, targetLog, deadline)).filter(({ offset }) => offset < target.offset)
  const earlier = before.findLastIndex((record) => digest(record) === digest(next))
  if (earlier >= 0) return { kind: 'skipped', records: before.length - earlier }
  return unlike(here, found, digest)
}

/** What was set aside, or came from the target, is not there: then the next one that is has to be the one that is found. */
const unlike = (here: readonly LogRecord[], found: LogRecord, digest: (record: LogRecord) => string): PlaceVerdict => {
  if (here.some((record) => digest(record) === digest(found))) return { kind: 'exact' }
  return {
    kind: 'untold',
    because: `the record at ${found.offset} of the target is none of the next ones of the source`,
  }
}

/** A timestamp that the target's broker set says nothing of the record. */
const digestBy =
  ({ provenance }: DigestOptions, isBrokers: boolean) =>
  (record: LogRecord): string => {
    const digest = digestOf(record, { provenance })
    return isBrokers ? contentOf(digest) : wholeOf(digest)
  }

/** One fetch, over as many empty answers as markers may cause. */
const recordsFrom = async (
  { topic, partition }: PartitionId,
  from: bigint,
  log: Pick<LogReader, 'read'>,
  deadline: Deadline,
): Promise<readonly LogRecord[]> => {
  let at = from
  for (let reads = 0; reads < 5; reads++) {
    const read = await log.read({ topic, partition }, at, { maxBytes: MAX_BYTES, isolation: 'committed' }, deadline)
    if (read.kind === 'out-of-range') {
      if (at >= read.edges.start) return []
      at = read.edges.start
      continue
    }
    if (read.records.length > 0 || read.next <= at) return read.records
    at = read.next
  }
  return []
}

const summaryOf = (counts: PlaceCounts, found: readonly (PlaceVerdict | ReplicationError)[]): CheckedPositions => {
  const verdicts = found.map(
    (one): PlaceVerdict => (one instanceof ReplicationError ? { kind: 'untold', because: one.message } : one),
  )
  const count = (kind: PlaceVerdict['kind']): number => verdicts.filter((one) => one.kind === kind).length
  const records = (kind: PlaceVerdict['kind']): number =>
    verdicts.reduce((total, one) => total + (one.kind === kind && 'records' in one ? one.records : 0), 0)
  return {
    ...counts,
    checked: verdicts.length,
    exact: count('exact'),
    ahead: count('ahead'),
    readAgain: records('read-again'),
    skipped: records('skipped'),
    untold: count('untold'),
    troubles: verdicts.flatMap((one) => (one.kind === 'untold' ? [one.because] : [])).slice(0, MOST_TROUBLES),
  }
}
