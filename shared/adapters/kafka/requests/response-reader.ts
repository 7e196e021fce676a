/** Reads Kafka's primitive types out of a response; a read past the end throws a `RangeError`. */
export class ResponseReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int8(): number {
    return this.#bytes.readInt8(this.#skip(1))
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4))
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#skip(8))
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.#skip(8))
  }

  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#skip(1))
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
  }

  /** `undefined` is Kafka's null. */
  string(): string | undefined {
    return this.#text(this.int16())
  }

  compactString(): string | undefined {
    return this.#text(this.unsignedVarint() - 1)
  }

  /** As Kafka's own tools print it: 22 characters of base64url. */
  uuid(): string {
    const at = this.#skip(16)
    return this.#bytes.toString('base64url', at, at + 16)
  }

  /** Not copied; Kafka's null is no bytes. */
  bytes(): Buffer {
    const length = Math.max(this.int32(), 0)
    const at = this.#skip(length)
    return this.#bytes.subarray(at, at + length)
  }

  array<T>(read: () => T): T[] {
    return this.#items(this.int32(), read)
  }

  compactArray<T>(read: () => T): T[] {
    return this.#items(this.unsignedVarint() - 1, read)
  }

  skipTags(): void {
    for (let tags = this.unsignedVarint(); tags > 0; tags--) {
      this.unsignedVarint()
      this.#skip(this.unsignedVarint())
    }
  }

  #text(length: number): string | undefined {
    if (length < 0) return undefined
    const at = this.#skip(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  #items<T>(count: number, read: () => T): T[] {
    const items: T[] = []
    for (let index = 0; index < count; index++) items.push(read())
    return items
  }

  #skip(bytes: number): number {
    const at = this.#at
    if (at + bytes > this.#bytes.length)
      throw new RangeError(`a response ends ${bytes} bytes short of what it promises`)
    this.#at = at + bytes
    return at
  }
}
