import { partitionName } from '../../shared/domain/record.ts'
import type { KafkaMapping } from './mapping.ts'
import { pieceJson, type RecordSlice, sliceBytes } from './record-slice.ts'

const TAIL = '}}'
const CLOSE = ']'.charCodeAt(0)

const sectionHead = (slice: { topic: string; partition: number }): string => `${JSON.stringify(partitionName(slice))}:[`

/** The JSON event of a mapping, in the byte-exact size that AWS's limit counts. */
export class EventPayload {
  readonly #head: string

  constructor({ bootstrapServers, eventSourceArn }: Pick<KafkaMapping, 'bootstrapServers' | 'eventSourceArn'>) {
    const servers = JSON.stringify(bootstrapServers.join(','))
    const source =
      eventSourceArn === undefined
        ? '"eventSource":"SelfManagedKafka"'
        : `"eventSource":"aws:kafka","eventSourceArn":${JSON.stringify(eventSourceArn)}`
    this.#head = `{${source},"bootstrapServers":${servers},"records":{`
  }

  get emptyBytes(): number {
    return Buffer.byteLength(this.#head) + TAIL.length
  }

  /** What a partition adds to an event besides its records, whose last comma becomes the closing bracket. */
  frameBytes(partition: { topic: string; partition: number }, first: boolean): number {
    return sectionHead(partition).length + (first ? 0 : 1)
  }

  bytes(slices: readonly RecordSlice[]): number {
    return slices.reduce(
      (sum, slice, index) => sum + this.frameBytes(slice, index === 0) + sliceBytes(slice),
      this.emptyBytes,
    )
  }

  /** Written into `room`, which is at least `bytes` long. */
  encode(slices: readonly RecordSlice[], room: Buffer): Buffer {
    const payload = room.subarray(0, this.bytes(slices))
    let at = payload.write(this.#head, 0)
    for (const [index, slice] of slices.entries()) {
      at += payload.write(`${index === 0 ? '' : ','}${sectionHead(slice)}`, at)
      for (const piece of slice.pieces) at += pieceJson(piece).copy(payload, at)
      payload[at - 1] = CLOSE
    }
    payload.write(TAIL, at)
    return payload
  }
}
