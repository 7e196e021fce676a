import { pushVarint, varintsIn } from '../varints.ts'
import type { Rise } from './end-history.ts'
import type { PartitionLook, Scan } from './partition-look.ts'
import type { StartSeen } from './start-history.ts'

/**
 * Looks as bytes: a version, then varints, some 20 bytes a partition and 5 to 10 for each rise. Names lie beside them.
 *
 *   3 | name | partition | at | start | end | checkpoint? | first start? | scan? | retention? | starts | rises | ...
 *
 * Version 1 had no retention, version 2 no first start. What may be absent begins with 0 or 1, lists with their length. Rises and starts tell times and offsets by what they add.
 */
export interface PackedLooks {
  /** `<incarnation> <topic>`; Kafka allows no blank in either. */
  readonly names: readonly string[]
  readonly bytes: Uint8Array
}

const VERSION = 3
const WITHOUT_FIRST_START = 2
const WITHOUT_RETENTION = 1
const BITS = 63n

const nameOf = ({ incarnation, topic }: PartitionLook): string => `${incarnation} ${topic}`

export const packLooks = (looks: readonly PartitionLook[]): PackedLooks => {
  const names = [...new Set(looks.map(nameOf))].sort()
  const places = new Map(names.map((name, place) => [name, BigInt(place)]))
  const bytes = [VERSION]
  for (const look of looks)
    for (const number of [places.get(nameOf(look)) ?? 0n, ...numbersOf(look)]) pushVarint(bytes, number)
  return { names, bytes: Uint8Array.from(bytes) }
}

const numbersOf = ({
  partition,
  at,
  start,
  end,
  checkpoint,
  firstStart,
  scan,
  retentionMs,
  starts,
  rises,
}: PartitionLook): readonly bigint[] => [
  BigInt(partition),
  BigInt(at),
  start,
  end,
  ...(checkpoint === undefined ? [0n] : [1n, checkpoint]),
  ...(firstStart === undefined ? [0n] : [1n, firstStart]),
  ...(scan === undefined ? [0n] : [1n, ...scanNumbers(scan)]),
  ...(retentionMs === undefined ? [0n] : [1n, BigInt(retentionMs)]),
  BigInt(starts.length),
  ...starts.flatMap((one) => [BigInt(one.at), one.start]),
  BigInt(rises.length),
  ...riseNumbers(rises),
]

const scanNumbers = ({ from, to, records, first }: Scan): readonly bigint[] => [
  from,
  to,
  BigInt(records),
  ...(first === undefined ? [0n] : [1n, first]),
]

const riseNumbers = (rises: readonly Rise[]): readonly bigint[] => {
  let [at, offset] = [0, 0n]
  return rises.flatMap(({ end, by, after }) => {
    const numbers = [BigInt(by - at), end - offset, ...(after === undefined ? [0n] : [1n, BigInt(by - after)])]
    at = by
    offset = end
    return numbers
  })
}

/** Throws a `RangeError` for what `packLooks` never wrote. */
export const unpackLooks = ({ names, bytes }: PackedLooks): readonly PartitionLook[] => {
  const [version] = bytes
  if (version !== VERSION && version !== WITHOUT_FIRST_START && version !== WITHOUT_RETENTION)
    throw new RangeError(`packed looks of version ${version}, known is ${VERSION}`)
  const numbers = varintsIn(bytes.subarray(1), BITS).values()
  const reader = new Numbers(numbers)
  const looks: PartitionLook[] = []
  for (const place of numbers) looks.push(lookIn(reader, names[Number(place)], version))
  return looks
}

class Numbers {
  readonly #numbers: Iterator<bigint, undefined>

  constructor(numbers: Iterator<bigint, undefined>) {
    this.#numbers = numbers
  }

  offset = (): bigint => {
    const { value } = this.#numbers.next()
    if (value === undefined) throw new RangeError('packed looks end in the middle of one')
    return value
  }

  number = (): number => Number(this.offset())

  optional<Value>(read: () => Value): Value | undefined {
    return this.offset() === 0n ? undefined : read()
  }

  list<Value>(read: () => Value): Value[] {
    return Array.from({ length: this.number() }, read)
  }
}

const lookIn = (reader: Numbers, name: string | undefined, version: number): PartitionLook => {
  const [incarnation, topic] = name?.split(' ') ?? []
  if (incarnation === undefined || topic === undefined) throw new RangeError('packed looks of an unknown topic')
  const { offset, number } = reader
  const look = { topic, partition: number(), incarnation, at: number(), start: offset(), end: offset() }
  const checkpoint = reader.optional(offset)
  const firstStart = version === VERSION ? reader.optional(offset) : undefined
  const scan = reader.optional(() => scanIn(reader))
  const retentionMs = version === WITHOUT_RETENTION ? undefined : reader.optional(number)
  const starts = reader.list((): StartSeen => ({ at: number(), start: offset() }))
  const rises = risesIn(reader)
  return {
    ...look,
    ...(checkpoint !== undefined && { checkpoint }),
    ...(firstStart !== undefined && { firstStart }),
    ...(scan && { scan }),
    ...(retentionMs !== undefined && { retentionMs }),
    starts,
    rises,
  }
}

const scanIn = (reader: Numbers): Scan => {
  const { offset, number } = reader
  const scan = { from: offset(), to: offset(), records: number() }
  const first = reader.optional(offset)
  return { ...scan, ...(first !== undefined && { first }) }
}

const risesIn = (reader: Numbers): readonly Rise[] => {
  let [at, end] = [0, 0n]
  return reader.list((): Rise => {
    at += reader.number()
    end += reader.offset()
    const beforeMs = reader.optional(reader.number)
    return { end, by: at, ...(beforeMs !== undefined && { after: at - beforeMs }) }
  })
}
