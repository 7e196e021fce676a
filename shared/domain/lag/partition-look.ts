import type { PartitionId } from '../record.ts'
import {
  type EndSeen,
  type Rise,
  thinned,
  type Waiting,
  waitingSince,
  withLook,
  withoutPast,
  withReturned,
} from './end-history.ts'
import { type StartSeen, withStart } from './start-history.ts'

/** What lay between the checkpoint and the end: source offsets `from` to `to`, of which so many were records. */
export interface Scan {
  readonly from: bigint
  readonly to: bigint
  readonly records: number
  /** The first of them. */
  readonly first?: bigint
}

/** Where the log of a partition on the source begins and ends, for readers of committed records. */
export interface SeenEdges {
  readonly start: bigint
  readonly end: bigint
}

/** What is remembered of one partition on the source, between one look and the next. */
export interface PartitionLook extends PartitionId, SeenEdges {
  /** Kafka's topic id of the source topic. */
  readonly incarnation: string
  /** When the source was last asked and answered, milliseconds since 1970. */
  readonly at: number
  /** Of the same moment; absent: nothing was ever replicated of this life of the topic. */
  readonly checkpoint?: bigint
  /** Where the log of this life began when somebody first looked; absent: something of it was replicated. */
  readonly firstStart?: bigint
  readonly rises: readonly Rise[]
  readonly starts: readonly StartSeen[]
  readonly scan?: Scan
  /** How long the source keeps records of the topic, as it last told; absent: it takes none for their age. */
  readonly retentionMs?: number
}

/** What one look found. */
export interface Seen extends PartitionId, SeenEdges {
  readonly incarnation: string
  readonly at: number
}

/** With what was seen now. Another life of the topic has no past. */
export const lookAgain = (before: PartitionLook | undefined, seen: Seen): PartitionLook => {
  const past = before?.incarnation === seen.incarnation && seen.end >= before.end ? before : undefined
  return {
    topic: seen.topic,
    partition: seen.partition,
    incarnation: seen.incarnation,
    at: seen.at,
    start: seen.start,
    end: seen.end,
    ...(past?.checkpoint !== undefined && { checkpoint: past.checkpoint }),
    ...(past?.firstStart !== undefined && { firstStart: past.firstStart }),
    rises: withLook(past?.rises ?? [], past && endOf(past), seen),
    starts: withStart(past?.starts ?? [], seen),
    ...(past?.scan && { scan: past.scan }),
  }
}

const endOf = ({ at, end }: PartitionLook): EndSeen => ({ at, end })

/** With the checkpoint as it is now, and without what matters no more. `most`: how many rises may be kept. */
export const atCheckpoint = (look: PartitionLook, checkpoint: bigint | undefined, most: number): PartitionLook => {
  const { scan, checkpoint: _, firstStart = look.start, ...rest } = look
  const moved = { ...rest, ...(checkpoint === undefined ? { firstStart } : { checkpoint }) }
  const kept: PartitionLook = scan?.from === anchorOf(moved) ? { ...moved, scan } : moved
  const from = oldestWaiting(kept)
  return { ...kept, rises: thinned(withoutPast(risesFrom(look, from), from), look.at, most) }
}

/** A checkpoint goes back when somebody begins a topic anew, or restores the table. */
const risesFrom = (look: PartitionLook, offset: bigint): readonly Rise[] => {
  const known = oldestWaiting(look)
  const seen = { at: look.at, end: known < look.end ? known : look.end }
  return offset < seen.end ? withReturned(look.rises, seen) : look.rises
}

type Anchored = Pick<PartitionLook, 'checkpoint' | 'firstStart' | 'start'>

/** Where replication goes on; where it never began, that is where the log did when somebody first looked. */
const anchorOf = ({ checkpoint, firstStart, start }: Anchored): bigint => checkpoint ?? firstStart ?? start

/** The first source offset that is not replicated and may be a record, whether or not it is still there. */
export const firstUnreplicated = (look: Anchored & Pick<PartitionLook, 'scan'>): bigint => {
  const { scan } = look
  const anchor = anchorOf(look)
  return scan?.from === anchor ? (scan.first ?? scan.to) : anchor
}

/** The first source offset that may be a record which waits. */
export const oldestWaiting = (look: Anchored & Pick<PartitionLook, 'scan'>): bigint => {
  const first = firstUnreplicated(look)
  return first < look.start ? look.start : first
}

/** Records on the source that are not replicated: exact where the rest was read, else markers count as well. */
export const recordsBehind = (look: PartitionLook): number => {
  const { scan, end } = look
  const known = scan?.from === anchorOf(look) && goneUnreplicated(look) === 0
  const behind = known ? BigInt(scan.records) + (end - scan.to) : end - oldestWaiting(look)
  return behind > 0n ? Number(behind) : 0
}

/** Since when the oldest of them waits; absent: none does. */
export const oldestSince = (look: PartitionLook): Waiting | undefined =>
  recordsBehind(look) === 0 ? undefined : waitingSince(look.rises, oldestWaiting(look))

/** Source offsets that retention took before they were replicated, as far as nobody knows that no record was in them. */
export const goneUnreplicated = (look: PartitionLook): number => {
  const first = firstUnreplicated(look)
  return look.start > first ? Number(look.start - first) : 0
}

/** So few offsets may all be markers, and are worth a read. */
const FEW = 100n

/** From where on the rest of a partition is to be read, to see whether it holds records. */
export const worthScanning = (look: PartitionLook): bigint | undefined => {
  const from = oldestWaiting(look)
  const { end, scan } = look
  if (end <= from || end - from > FEW || goneUnreplicated(look) > 0) return undefined
  return scan?.from === anchorOf(look) && scan.to === end ? undefined : from
}

/** With what a read from `worthScanning` on found up to `to`. */
export const withScan = (look: PartitionLook, found: Pick<Scan, 'to' | 'records' | 'first'>): PartitionLook => {
  const scanned = { ...look, scan: { from: anchorOf(look), ...found } }
  return { ...scanned, rises: withoutPast(look.rises, oldestWaiting(scanned)) }
}
