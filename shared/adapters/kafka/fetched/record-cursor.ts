import { DamagedBatch } from './unpacked-bytes.ts'

/** Reads what records are made of; never past their end. */
export class RecordCursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get at(): number {
    return this.#at
  }

  skip(bytes: number): void {
    this.#at += bytes
  }

  /** Zigzag; in doubles, since differences of timestamps are larger than 32 bits. */
  varint(): number {
    let raw = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new DamagedBatch('its records end too early')
      raw += (byte & 127) * unit
      if (byte < 128) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
    }
  }

  /** Not copied; a negative length is Kafka's null. */
  bytes(): Buffer | null {
    const length = this.varint()
    if (length < 0) return null
    const from = this.#at
    this.#at += length
    if (this.#at > this.#bytes.length) throw new DamagedBatch('its records end too early')
    return this.#bytes.subarray(from, this.#at)
  }
}
