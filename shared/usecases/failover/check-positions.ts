import { ReplicationError } from '../../domain/errors.ts'
import { type PlaceVerdict, placeVerdict, type SeenRecord } from '../../domain/failover/place-verdict.ts'
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
  const at = target.offset
  const there = await recordsFrom(target, at, targetLog, deadline)
  const unread = await recordsFrom(source, source.offset, sourceLog, deadline)
  const from = at > LOOKED_BACK ? at - LOOKED_BACK : 0n
  const before = (await recordsFrom(target, from, targetLog, deadline)).records.filter(({ offset }) => offset < at)
  const isBrokers = [...there.records, ...before].some(({ timestampIsBrokers }) => timestampIsBrokers === true)
  const seen = (records: readonly LogRecord[]): SeenRecord[] =>
    records.map((record) => ({ offset: record.offset, digest: digestOfRecord(record, survey.link, isBrokers) }))
  return placeVerdict({
    at,
    unread: seen(unread.records),
    there: seen(there.records),
    before: seen(before),
    ...(there.begins !== undefined && { begins: there.begins }),
  })
}

/** A timestamp that the target's broker set says nothing of the record. */
const digestOfRecord = (record: LogRecord, { provenance }: DigestOptions, isBrokers: boolean): string => {
  const digest = digestOf(record, { provenance })
  return isBrokers ? contentOf(digest) : wholeOf(digest)
}

/** `begins`: where the log begins, when it is past where it was to be read. */
interface ReadRecords {
  readonly records: readonly LogRecord[]
  readonly begins?: bigint
}

/** Fetches that markers alone may fill, before there is a record. */
const MOST_READS = 5

const recordsFrom = async (
  { topic, partition }: PartitionId,
  from: bigint,
  log: Pick<LogReader, 'read'>,
  deadline: Deadline,
): Promise<ReadRecords> => {
  let at = from
  let begins: { readonly begins?: bigint } = {}
  for (let reads = 0; reads < MOST_READS; reads++) {
    const read = await log.read({ topic, partition }, at, { maxBytes: MAX_BYTES, isolation: 'committed' }, deadline)
    if (read.kind === 'out-of-range') {
      const { start } = read.edges
      if (at >= start) return { records: [], ...begins }
      at = start
      begins = { begins: start }
      continue
    }
    if (read.records.length > 0 || read.next === at) return { records: read.records, ...begins }
    at = read.next
  }
  return { records: [], ...begins }
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
