import { pushVarint, varintsIn } from '../varints.ts'

/** Where a partition stood when nothing was forwarded any more, and before anybody wrote to the target. */
export interface BoundaryPoint {
  /** Where the log of the source ended; absent: the source could not be asked. */
  readonly sourceEnd?: bigint
  /** Where the log of the target ended. */
  readonly targetEnd: bigint
  /** How far the link had got: its checkpoint, and the end of its records on the target. Absent: nothing was replicated. */
  readonly replicated?: { readonly source: bigint; readonly target: bigint }
}

/** The boundary of one topic of a forward link. */
export interface TopicBoundary {
  /** As named on the source. */
  readonly topic: string
  readonly targetTopic: string
  /** Which life of the target topic it was. */
  readonly targetIncarnation: string
  /** By partition of the target. */
  readonly points: ReadonlyMap<number, BoundaryPoint>
}

/**
 * Where the link the other way begins: right after the records that the forward link brought, as far as they lie before
 * the boundary. Copies that a crash left there and markers come again, and are recognised; a record that somebody wrote
 * to the replica is not passed over.
 */
export const reverseStart = ({ replicated, targetEnd }: BoundaryPoint): bigint => {
  const brought = replicated?.target ?? 0n
  return brought < targetEnd ? brought : targetEnd
}

const VERSION = 1
const OFFSET_BITS = 63n
const SOURCE_KNOWN = 1n
const REPLICATED = 2n

/** A version, then varints: partition | flags | target end | source end, when flag 1 | checkpoint | its target, when flag 2. */
export const packPoints = (points: TopicBoundary['points']): Uint8Array => {
  const bytes = [VERSION]
  for (const [partition, { sourceEnd, targetEnd, replicated }] of [...points].sort(([one], [other]) => one - other)) {
    const flags = (sourceEnd === undefined ? 0n : SOURCE_KNOWN) + (replicated === undefined ? 0n : REPLICATED)
    const known = sourceEnd === undefined ? [] : [sourceEnd]
    const brought = replicated === undefined ? [] : [replicated.source, replicated.target]
    for (const number of [BigInt(partition), flags, targetEnd, ...known, ...brought]) pushVarint(bytes, number)
  }
  return Uint8Array.from(bytes)
}

/** Throws a `RangeError` for what `packPoints` never wrote. */
export const unpackPoints = (bytes: Uint8Array): TopicBoundary['points'] => {
  if (bytes[0] !== VERSION) throw new RangeError(`a packed boundary of version ${bytes[0]}, known is ${VERSION}`)
  const numbers = varintsIn(bytes.subarray(1), OFFSET_BITS).values()
  const next = (): bigint => {
    const { value } = numbers.next()
    if (value === undefined) throw new RangeError('a packed boundary ends in the middle of a partition')
    return value
  }
  const points = new Map<number, BoundaryPoint>()
  for (const partition of numbers) points.set(Number(partition), pointIn(next))
  return points
}

const pointIn = (next: () => bigint): BoundaryPoint => {
  const [flags, targetEnd] = [next(), next()]
  if (flags > SOURCE_KNOWN + REPLICATED) throw new RangeError(`a packed boundary with unknown flags ${flags}`)
  const sourceEnd = flags & SOURCE_KNOWN ? { sourceEnd: next() } : {}
  const replicated = flags & REPLICATED ? { replicated: { source: next(), target: next() } } : {}
  return { targetEnd, ...sourceEnd, ...replicated }
}
