/** What is wrong with a batch; says nothing of what is in it. */
export class DamagedBatch extends Error {
  constructor(because: string, options?: { cause?: unknown }) {
    super(because, options)
    this.name = 'DamagedBatch'
  }
}

/** Nothing is wrong with the batch, but it takes more memory at once than a reader has. */
export class TooLargeAtOnce extends Error {
  constructor(because: string, options?: { cause?: unknown }) {
    super(because, options)
    this.name = 'TooLargeAtOnce'
  }
}

/**
 * What can only be unpacked as a whole: a record, a block. Lambda's pollers bring no event of more than 6 MB, so that no
 * record this large was ever replicated.
 */
export const MOST_AT_ONCE_BYTES = 16 * 1024 * 1024

export const requireRoom = (bytes: number, what: string): void => {
  if (bytes > MOST_AT_ONCE_BYTES)
    throw new TooLargeAtOnce(`${what} takes ${bytes} bytes at once, and there is room for ${MOST_AT_ONCE_BYTES}`)
}

/** Output of a decompressor, which goes back to what it has written. */
export class UnpackedBytes {
  #bytes: Buffer
  #length = 0

  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(Math.min(expectedBytes, MOST_AT_ONCE_BYTES))
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
    requireRoom(needed, 'a compressed block')
    const larger = Buffer.allocUnsafe(Math.min(MOST_AT_ONCE_BYTES, Math.max(needed, 2 * this.#bytes.length)))
    larger.set(this.written)
    this.#bytes = larger
  }
}
