import { pushVarint, varintsIn } from '../varints.ts'
import type { Origin, PublishedPosition } from './group-record.ts'

/**
 * The positions of a record as bytes: a version, then varints, some 15 bytes a partition.
 *
 *   1 | partition | origin | source | target | flags | was, when flag 1 | count of earlier | earlier ... | ...
 *
 * `origin` is the place of its name in `origins`; of flags, 1 is that something stood there, 2 that a rewind is owed.
 */
export interface PackedPositions {
  /** `<incarnation> <topic>`; Kafka allows no blank in either. */
  readonly origins: readonly string[]
  readonly bytes: Uint8Array
}

const VERSION = 1
const OFFSET_BITS = 63n
const STOOD = 1n
const OWED = 2n

const originName = ({ topic, incarnation }: Origin): string => `${incarnation} ${topic}`

export const packPositions = (positions: ReadonlyMap<number, PublishedPosition>): PackedPositions => {
  const sorted = [...positions].sort(([one], [other]) => one - other)
  const origins = [...new Set(sorted.map(([, { origin }]) => originName(origin)))].sort()
  const bytes = [VERSION]
  for (const [partition, { origin, source, target, was, earlier, rewindOwed }] of sorted) {
    const flags = (was === undefined ? 0n : STOOD) + (rewindOwed ? OWED : 0n)
    const stood = was === undefined ? [] : [was]
    const place = BigInt(origins.indexOf(originName(origin)))
    const numbers = [BigInt(partition), place, source, target, flags, ...stood, BigInt(earlier.length), ...earlier]
    for (const number of numbers) pushVarint(bytes, number)
  }
  return { origins, bytes: Uint8Array.from(bytes) }
}

/** Throws a `RangeError` for what `packPositions` never wrote. */
export const unpackPositions = ({ origins, bytes }: PackedPositions): ReadonlyMap<number, PublishedPosition> => {
  if (bytes[0] !== VERSION) throw new RangeError(`packed positions of version ${bytes[0]}, known is ${VERSION}`)
  const numbers = varintsIn(bytes.subarray(1), OFFSET_BITS).values()
  const next = (): bigint => {
    const { value } = numbers.next()
    if (value === undefined) throw new RangeError('packed positions end in the middle of one')
    return value
  }
  const positions = new Map<number, PublishedPosition>()
  for (const partition of numbers) positions.set(Number(partition), positionIn(next, origins))
  return positions
}

const positionIn = (next: () => bigint, origins: readonly string[]): PublishedPosition => {
  const [incarnation, topic] = origins[Number(next())]?.split(' ') ?? []
  if (incarnation === undefined || topic === undefined) throw new RangeError('packed positions of an unknown topic')
  const [source, target, flags] = [next(), next(), next()]
  const was = flags & STOOD ? next() : undefined
  const earlier = Array.from({ length: Number(next()) }, next)
  return {
    origin: { topic, incarnation },
    source,
    target,
    ...(was !== undefined && { was }),
    earlier,
    ...((flags & OWED) !== 0n && { rewindOwed: true as const }),
  }
}
