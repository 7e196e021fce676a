/** Reads Kafka's primitive types from a buffer, one after the other; throws a RangeError at its end. */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get position(): number {
    return this.#at
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  skip(count: number): void {
    if (count < 0 || count > this.remaining) throw new RangeError(`${count} bytes wanted, ${this.remaining} left`)
    this.#at += count
  }

  int16(): number {
    this.skip(2)
    return this.#bytes.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.skip(4)
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  int64(): bigint {
    this.skip(8)
    return this.#bytes.readBigInt64BE(this.#at - 8)
  }

  /** A 16-bit length, then UTF-8; a null string reads as empty. */
  string(): string {
    const length = Math.max(this.int16(), 0)
    this.skip(length)
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  /** A 32-bit length, then bytes; null bytes read as empty. */
  bytes(): Buffer {
    return this.#take(Math.max(this.int32(), 0))
  }

  /** A 32-bit count, then that many; a null array reads as empty. */
  array<Item>(item: () => Item): Item[] {
    const items: Item[] = []
    for (let left = this.int32(); left > 0; left--) items.push(item())
    return items
  }

  /** Zigzag, least significant group first. Exact to 2^53: timestamp deltas do not fit 32 bits. */
  varint(): number {
    let raw = 0
    let unit = 1
    for (;;) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) throw new RangeError('a varint is cut short')
      this.#at++
      raw += (byte & 127) * unit
      if (raw > Number.MAX_SAFE_INTEGER) throw new RangeError('a varint is beyond 2^53')
      if (byte < 128) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
      unit *= 128
    }
  }

  /** A zigzag length, then bytes; a negative length is null. */
  varintBytes(): Buffer | null {
    const length = this.varint()
    return length < 0 ? null : this.#take(length)
  }

  #take(length: number): Buffer {
    this.skip(length)
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
