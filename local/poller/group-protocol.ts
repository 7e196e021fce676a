/** Kafka's embedded consumer protocol, version 0: what members tell the group leader, and what it answers. */

const NO_USER_DATA = -1

class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int16(): number {
    this.#at += 2
    return this.#bytes.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  string(): string {
    const length = this.int16()
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.int32() }, read)
  }
}

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const string = (text: string): Buffer => Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)])

export const encodeSubscription = (topic: string): Buffer =>
  Buffer.concat([int16(0), int32(1), string(topic), int32(NO_USER_DATA)])

/** The topics that a member of any protocol version asks for. */
export const decodeSubscription = (bytes: Buffer): string[] => {
  const cursor = new Cursor(bytes)
  cursor.int16()
  return cursor.list(() => cursor.string())
}

export const encodeAssignment = (topic: string, partitions: readonly number[]): Buffer =>
  Buffer.concat([
    int16(0),
    int32(partitions.length === 0 ? 0 : 1),
    ...(partitions.length === 0 ? [] : [string(topic), int32(partitions.length), ...partitions.map(int32)]),
    int32(NO_USER_DATA),
  ])

/** The partitions of `topic`; none when the group leader gave this member nothing. */
export const decodeAssignment = (topic: string, bytes: Buffer): number[] => {
  if (bytes.length === 0) return []
  const cursor = new Cursor(bytes)
  cursor.int16()
  const assigned = cursor.list(() => ({ topic: cursor.string(), partitions: cursor.list(() => cursor.int32()) }))
  return assigned.filter((entry) => entry.topic === topic).flatMap(({ partitions }) => partitions)
}

/** Kafka's range assignment of one topic: neighbours stay together, the first members get one more. */
export const assignRanges = (members: readonly string[], partitionCount: number): Map<string, number[]> => {
  const share = Math.floor(partitionCount / members.length)
  const extra = partitionCount % members.length
  let next = 0
  const assigned = new Map<string, number[]>()
  for (const [index, member] of members.toSorted().entries()) {
    const count = share + (index < extra ? 1 : 0)
    assigned.set(
      member,
      Array.from({ length: count }, (_, offset) => next + offset),
    )
    next += count
  }
  return assigned
}

/** What the leader of the group answers to its members; those that do not ask for the topic get nothing of it. */
export const divideTopic = (
  topic: string,
  partitionCount: number,
  members: readonly { readonly memberId: string; readonly metadata: Buffer }[],
): { memberId: string; assignment: Buffer }[] => {
  const readers = members.filter(({ metadata }) => decodeSubscription(metadata).includes(topic))
  const ranges = assignRanges(
    readers.map(({ memberId }) => memberId),
    partitionCount,
  )
  return members.map(({ memberId }) => ({ memberId, assignment: encodeAssignment(topic, ranges.get(memberId) ?? []) }))
}
