import type { PartitionId } from '../record.ts'

/** The stranded tail of one partition of the old active cluster, and how far it is settled. */
export interface TailPart extends PartitionId {
  /** Which life of the topic it is. */
  readonly incarnation: string
  /** The first offset that the other cluster never got. */
  readonly from: bigint
  /** The first offset that was there when somebody looked for the first time. */
  readonly first: bigint
  /** Where the log ends; nobody writes to it any more. */
  readonly to: bigint
  /** How many offsets retention has taken before anybody could look; records were among them, or none. */
  readonly gone: bigint
  /** Up to where records were counted, and how many there are: no markers, and none of aborted transactions. */
  readonly counted: { readonly to: bigint; readonly records: bigint; readonly bytes: bigint }
  /** Up to where what was asked for is done. */
  readonly settledTo: bigint
  /**
   * While records are appended to the other cluster: where its log ended before the last append that nobody knows the
   * outcome of. Whoever goes on looks there for what is there already.
   */
  readonly appendedFrom?: bigint
  /** Once all of it is kept and the log is to be emptied: up to where. */
  readonly emptyTo?: bigint
}

/** A tail that nobody has looked at yet. */
export const newTail = (
  place: Pick<TailPart, 'topic' | 'partition' | 'incarnation'>,
  { from, start, to }: { readonly from: bigint; readonly start: bigint; readonly to: bigint },
): TailPart => {
  const first = start > from ? start : from
  const { topic, partition, incarnation } = place
  const counted = { to: first, records: 0n, bytes: 0n }
  return { topic, partition, incarnation, from, first, to, gone: first - from, counted, settledTo: first }
}

/** The same tail once its log is seen to end later: a transaction was decided meanwhile. */
export const grownTo = (part: TailPart, to: bigint): TailPart => (to > part.to ? { ...part, to } : part)

export const isCounted = ({ counted, to }: TailPart): boolean => counted.to >= to
export const isSettled = ({ settledTo, to }: TailPart): boolean => settledTo >= to

/** What of a stranded tail is told to people and alarms. */
export interface TailFigures {
  readonly partitions: number
  readonly records: bigint
  readonly bytes: bigint
  /** Offsets that retention took before they could be counted. */
  readonly gone: bigint
}

/** Where a cluster is emptied, parts tell of partitions as well that had nothing behind the boundary. */
export const isStranded = ({ from, to }: TailPart): boolean => from < to

export const tailFigures = (parts: readonly TailPart[]): TailFigures => ({
  partitions: parts.filter(isStranded).length,
  records: sum(parts.map(({ counted }) => counted.records)),
  bytes: sum(parts.map(({ counted }) => counted.bytes)),
  gone: sum(parts.map(({ gone }) => gone)),
})

const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((all, one) => all + one, 0n)

export const figuresForPeople = ({ partitions, records, gone }: TailFigures): string => {
  const lost = gone === 0n ? '' : `, and ${gone} offsets that retention took before anybody could look`
  return `${records} stranded records in ${partitions} partitions${lost}`
}
