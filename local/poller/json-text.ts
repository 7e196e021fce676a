import type { BufferPool } from './buffer-pool.ts'

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1')
const PADDING = '='.charCodeAt(0)
const SHORT_BYTES = 64
const SIGNED = Array.from({ length: 256 }, (_, byte) => String(byte < 128 ? byte : byte - 256))

/** JSON under construction as UTF-8 bytes, written in one pass into a buffer of the pool; grows as needed. */
export class JsonText {
  readonly #pool: BufferPool
  #bytes: Buffer
  #length = 0

  constructor(pool: BufferPool, expectedBytes: number) {
    this.#pool = pool
    this.#bytes = pool.take(expectedBytes)
  }

  get length(): number {
    return this.#length
  }

  ascii(text: string): void {
    this.#reserve(text.length)
    this.#length += this.#bytes.write(text, this.#length, 'latin1')
  }

  utf8(text: string): void {
    this.#reserve(text.length * 3)
    this.#length += this.#bytes.write(text, this.#length, 'utf8')
  }

  /** Short values are encoded here, which saves a string; long ones by Node, which is faster from some 80 bytes on. */
  base64(source: Buffer, from: number, to: number): void {
    this.#reserve(Math.ceil((to - from) / 3) * 4)
    if (to - from > SHORT_BYTES) {
      this.#length += this.#bytes.write(source.toString('base64', from, to), this.#length, 'latin1')
    } else this.#shortBase64(source, from, to)
  }

  /** As AWS writes header values: a list of Java's signed bytes. */
  signedBytes(source: Buffer, from: number, to: number): void {
    let text = '['
    for (let at = from; at < to; at++) text += at === from ? SIGNED[source[at] ?? 0] : `,${SIGNED[source[at] ?? 0]}`
    this.ascii(`${text}]`)
  }

  /** The text so far is the first `length` bytes. */
  get bytes(): Buffer {
    return this.#bytes
  }

  #shortBase64(source: Buffer, from: number, to: number): void {
    const out = this.#bytes
    let at = this.#length
    for (let read = from; read < to; read += 3) {
      const left = to - read
      const a = source[read] ?? 0
      const b = left > 1 ? (source[read + 1] ?? 0) : 0
      const c = left > 2 ? (source[read + 2] ?? 0) : 0
      out[at++] = ALPHABET[a >> 2] ?? 0
      out[at++] = ALPHABET[((a & 3) << 4) | (b >> 4)] ?? 0
      out[at++] = left > 1 ? (ALPHABET[((b & 15) << 2) | (c >> 6)] ?? 0) : PADDING
      out[at++] = left > 2 ? (ALPHABET[c & 63] ?? 0) : PADDING
    }
    this.#length = at
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const grown = this.#pool.take(Math.max(this.#bytes.length * 2, this.#length + bytes))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#pool.give(this.#bytes)
    this.#bytes = grown
  }
}
