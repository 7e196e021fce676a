/** Two hashes of 32 bits in one walk: what is hashed may be large, and one of them alone would collide by chance. */
export class Hash64 {
  #one = 0x811c9dc5
  #other = 0x01234567

  text(text: string): this {
    let [one, other] = [this.#one, this.#other]
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      one = Math.imul(one ^ code, 0x01000193)
      other = Math.imul(other ^ code, 0x5bd1e995)
    }
    return this.#keep(one, other)
  }

  /** Signed or not: -1 and 255 are the same byte. */
  bytes(values: readonly number[] | Uint8Array): this {
    let [one, other] = [this.#one, this.#other]
    for (const value of values) {
      one = Math.imul(one ^ (value & 255), 0x01000193)
      other = Math.imul(other ^ (value & 255), 0x5bd1e995)
    }
    return this.#keep(one, other)
  }

  /** 16 digits. */
  get hex(): string {
    return [this.#one, this.#other].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }

  #keep(one: number, other: number): this {
    this.#one = one
    this.#other = other
    return this
  }
}
