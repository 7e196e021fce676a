import { createAPI, fetchV12, type Reader } from '@platformatic/kafka'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { AbortedTransaction } from './fetched-batches.ts'
import { KAFKA_ERROR } from './kafka-answer.ts'

/** One partition's share of a Fetch response; `batches` is as it lies in the log. */
export interface FetchedPartition {
  readonly partition: number
  readonly errorCode: number
  readonly aborted: readonly AbortedTransaction[]
  readonly batches: Buffer
}

const NOTHING = Buffer.alloc(0)

/** Reads the whole response from one buffer: the client's reader is slow on responses that came in many pieces. */
class ResponseCursor {
  readonly bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  int16(): number {
    this.#at += 2
    return this.bytes.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.bytes.readInt32BE(this.#at - 4)
  }

  int64(): bigint {
    this.#at += 8
    return this.bytes.readBigInt64BE(this.#at - 8)
  }

  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.#at++] ?? 0
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  /** Compact lengths are one more than the length; 0 is null, which reads as nothing. */
  take(): Buffer {
    const length = this.unsignedVarint() - 1
    if (length <= 0) return NOTHING
    this.#at += length
    return this.bytes.subarray(this.#at - length, this.#at)
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: Math.max(this.unsignedVarint() - 1, 0) }, read)
  }

  skipTags(): void {
    for (let tags = this.unsignedVarint(); tags > 0; tags--) {
      this.unsignedVarint()
      this.#at += this.unsignedVarint()
    }
  }
}

const readPartition = (cursor: ResponseCursor): FetchedPartition => {
  const partition = cursor.int32()
  const errorCode = cursor.int16()
  for (const _ of ['high watermark', 'last stable offset', 'log start']) cursor.int64()
  const aborted = cursor.list(() => {
    const transaction = { producerId: cursor.int64(), firstOffset: cursor.int64() }
    cursor.skipTags()
    return transaction
  })
  cursor.int32() // the preferred replica: pollers read from leaders
  const batches = cursor.take()
  cursor.skipTags()
  return { partition, errorCode, aborted, batches }
}

/** A Fetch response as it came from the socket. */
export interface FetchAnswer {
  readonly chunks: readonly Buffer[]
  /** Bytes of the response header, which are not part of the answer. */
  readonly skipBytes: number
  readonly totalBytes: number
}

const keepChunks = (_correlation: number, _key: number, _version: number, reader: Reader): FetchAnswer => ({
  chunks: reader.buffer.buffers,
  skipBytes: reader.position,
  totalBytes: reader.buffer.length,
})

/** The partitions of the one topic that a poller asks for; what they hold lies in `room`. Errors stay with their partition. */
export const parseFetchAnswer = ({ chunks, skipBytes }: FetchAnswer, room: Buffer): FetchedPartition[] => {
  let length = 0
  for (const chunk of chunks) length += chunk.copy(room, length)
  const cursor = new ResponseCursor(room.subarray(skipBytes, length))
  cursor.int32() // the throttle time
  const errorCode = cursor.int16()
  if (errorCode !== KAFKA_ERROR.NONE) {
    throw new ReplicationError('SOURCE_UNREACHABLE', `fetching: Kafka error ${errorCode}`)
  }
  cursor.int32() // the fetch session: none
  const topics = cursor.list(() => {
    cursor.take()
    const partitions = cursor.list(() => readPartition(cursor))
    cursor.skipTags()
    return partitions
  })
  return topics.flat()
}

const FETCH_KEY = 1
const FETCH_VERSION = 12

/**
 * Fetch version 12, the newest that names topics instead of ids, on every broker from 2.7 to 4.x. The client's own call
 * is not used: it makes objects of every field of every record, and with read_committed lets aborted records through
 * when one producer aborted twice or when the marker is not in the same response.
 */
export const fetchApi = createAPI<Parameters<typeof fetchV12.createRequest>, FetchAnswer>(
  FETCH_KEY,
  FETCH_VERSION,
  fetchV12.createRequest,
  keepChunks,
)
