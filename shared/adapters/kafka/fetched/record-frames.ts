import { DamagedBatch, requireRoom } from './unpacked-bytes.ts'

/** At a time, so that few small records are in memory besides those that are wanted. */
const STEP_BYTES = 65_536
/** Of a length, which is 32 bits in groups of seven. */
const MOST_LENGTH_BYTES = 5

/** Cuts bytes that come in pieces into records, which begin with their length. What is yielded has it no more. */
export async function* framesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Buffer[]> {
  const unread = new UnreadBytes()
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += STEP_BYTES) yield* unread.framesWith(chunk.subarray(at, at + STEP_BYTES))
}

/** Bytes that are no whole record yet. */
class UnreadBytes {
  #parts: Buffer[] = []
  #length = 0
  /** With so many there may be a whole one. */
  #wanted = 1

  get #whole(): Buffer {
    const [only, ...others] = this.#parts
    return only !== undefined && others.length === 0 ? only : Buffer.concat(this.#parts)
  }

  *framesWith(part: Buffer): Generator<readonly Buffer[]> {
    this.#parts.push(part)
    this.#length += part.length
    if (this.#length >= this.#wanted) yield* this.#cut(this.#whole)
  }

  *#cut(bytes: Buffer): Generator<readonly Buffer[]> {
    const frames: Buffer[] = []
    let at = 0
    for (let next = frameAt(bytes, at); ; next = frameAt(bytes, at)) {
      this.#wanted = next.end - at
      if (next.end > bytes.length) break
      frames.push(bytes.subarray(next.from, next.end))
      at = next.end
    }
    yield frames // also those before one that is refused
    requireRoom(this.#wanted, 'a record')
    this.#parts = [bytes.subarray(at)]
    this.#length = bytes.length - at
  }
}

/** Where the record that begins at `at` is; its end is behind all bytes as long as not even its length is there. */
const frameAt = (bytes: Buffer, at: number): { readonly from: number; readonly end: number } => {
  let raw = 0
  for (let index = 0; index < MOST_LENGTH_BYTES; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) return { from: at, end: bytes.length + 1 }
    raw += (byte & 127) * 2 ** (7 * index)
    if (byte >= 128) continue
    if (raw % 2 !== 0) break
    return { from: at + index + 1, end: at + index + 1 + raw / 2 }
  }
  throw new DamagedBatch('the length of a record is none')
}
