const FIRST_PIECE_BYTES = 256

/**
 * Builds a request out of Kafka's primitive types, https://kafka.apache.org/protocol#protocol_types. Large pieces are
 * kept as they are and never copied.
 */
export class RequestWriter {
  readonly #pieces: Uint8Array[] = []
  #current = Buffer.allocUnsafe(FIRST_PIECE_BYTES)
  #at = 0

  /** The request so far, in pieces. */
  take(): readonly Uint8Array[] {
    if (this.#at > 0) this.#pieces.push(this.#current.subarray(0, this.#at))
    this.#current = Buffer.allocUnsafe(FIRST_PIECE_BYTES)
    this.#at = 0
    return this.#pieces
  }

  int8(value: number): this {
    this.#room(1)
    this.#at = this.#current.writeInt8(value, this.#at)
    return this
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    this.#room(2)
    this.#at = this.#current.writeInt16BE(value, this.#at)
    return this
  }

  int32(value: number): this {
    this.#room(4)
    this.#at = this.#current.writeInt32BE(value, this.#at)
    return this
  }

  int64(value: bigint): this {
    this.#room(8)
    this.#at = this.#current.writeBigInt64BE(value, this.#at)
    return this
  }

  float64(value: number): this {
    this.#room(8)
    this.#at = this.#current.writeDoubleBE(value, this.#at)
    return this
  }

  unsignedVarint(value: number): this {
    this.#room(5)
    let rest = value
    for (; rest > 127; rest >>>= 7) this.#current[this.#at++] = (rest & 127) | 128
    this.#current[this.#at++] = rest
    return this
  }

  string(text: string): this {
    const bytes = Buffer.from(text)
    return this.int16(bytes.length).#copy(bytes)
  }

  nullString(): this {
    return this.int16(-1)
  }

  compactString(text: string): this {
    const bytes = Buffer.from(text)
    return this.unsignedVarint(bytes.length + 1).#copy(bytes)
  }

  nullCompactString(): this {
    return this.unsignedVarint(0)
  }

  /** Sixteen zeros: no id is asked for. */
  noUuid(): this {
    return this.int64(0n).int64(0n)
  }

  /** Bytes with their length before them, not copied. */
  bytes(bytes: Uint8Array): this {
    this.int32(bytes.length).take()
    this.#pieces.push(bytes)
    return this
  }

  array<T>(items: readonly T[], write: (item: T) => unknown): this {
    this.int32(items.length)
    for (const item of items) write(item)
    return this
  }

  compactArray<T>(items: readonly T[], write: (item: T) => unknown): this {
    this.unsignedVarint(items.length + 1)
    for (const item of items) write(item)
    return this
  }

  /** Kafka's null, which often means "all". */
  nullArray(): this {
    return this.int32(-1)
  }

  nullCompactArray(): this {
    return this.unsignedVarint(0)
  }

  noTags(): this {
    return this.unsignedVarint(0)
  }

  #copy(bytes: Uint8Array): this {
    this.#room(bytes.length)
    this.#current.set(bytes, this.#at)
    this.#at += bytes.length
    return this
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#current.length) return
    if (this.#at > 0) this.#pieces.push(this.#current.subarray(0, this.#at))
    this.#current = Buffer.allocUnsafe(Math.max(FIRST_PIECE_BYTES, bytes))
    this.#at = 0
  }
}
