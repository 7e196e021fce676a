/** What is wrong with a batch; says nothing of what is in it. */
export class DamagedBatch extends Error {
  constructor(because: string, options?: { cause?: unknown }) {
    super(because, options)
    this.name = 'DamagedBatch'
  }
}

/** Far more than a batch of healthy producers unpacks to; a few compressed bytes can claim to be many gigabytes. */
export const MOST_UNPACKED_BYTES = 256 * 1024 * 1024

/** Output of a decompressor that does not know its size beforehand. */
export class UnpackedBytes {
  #bytes: Buffer
  #length = 0

  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(Math.min(expectedBytes, MOST_UNPACKED_BYTES))
  }

  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  append(source: Uint8Array, from: number, to: number): void {
    if (to > source.length) throw new DamagedBatch('compressed bytes end too early')
    this.#room(to - from)
    this.#bytes.set(source.subarray(from, to), this.#length)
    this.#length += to - from
  }

  /** Repeats what lies `distance` bytes back; the two may overlap, which repeats a pattern. */
  repeat(distance: number, count: number): void {
    if (distance < 1 || distance > this.#length) throw new DamagedBatch('compressed bytes refer to nothing')
    this.#room(count)
    const bytes = this.#bytes
    let at = this.#length
    if (distance >= count) bytes.copyWithin(at, at - distance, at - distance + count)
    else for (const end = at + count; at < end; at++) bytes[at] = bytes[at - distance] as number
    this.#length += count
  }

  #room(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    if (needed > MOST_UNPACKED_BYTES) throw new DamagedBatch(`it unpacks to more than ${MOST_UNPACKED_BYTES} bytes`)
    const larger = Buffer.allocUnsafe(Math.min(MOST_UNPACKED_BYTES, Math.max(needed, 2 * this.#bytes.length)))
    larger.set(this.written)
    this.#bytes = larger
  }
}
