/** Deltas within this distance are handled as 32-bit integers; the rest needs bigint, zigzag included. */
const SMALL = 2 ** 30

const unsignedBytes = (value: number): number => {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

/** Kafka's zigzag: small numbers of either sign become small unsigned ones. */
const zigzag32 = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0
const zigzag64 = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))

/** Size of a 32-bit number as Kafka's varint. */
export const varintBytes = (value: number): number => unsignedBytes(zigzag32(value))

/** Size of `value - base` as Kafka's varlong; both are safe integers, their difference need not be one. */
export const varlongBytes = (value: number, base: number): number => {
  const delta = value - base
  if (delta < SMALL && delta > -SMALL) return varintBytes(delta)
  let rest = zigzag64(BigInt(value) - BigInt(base))
  let bytes = 1
  for (; rest > 127n; rest >>= 7n) bytes++
  return bytes
}

/** Writes into a buffer that is known to be large enough, front to back. */
export class BatchWriter {
  readonly bytes: Buffer
  at: number

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes
    this.at = at
  }

  byte(value: number): void {
    this.bytes[this.at++] = value
  }

  append(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  varint(value: number): void {
    let rest = zigzag32(value)
    for (; rest > 127; rest >>>= 7) this.bytes[this.at++] = (rest & 127) | 128
    this.bytes[this.at++] = rest
  }

  /** Deltas of timestamps pass 32 bits after 12 days, and compacted topics hold years. */
  varlong(value: number, base: number): void {
    const delta = value - base
    if (delta < SMALL && delta > -SMALL) this.varint(delta)
    else this.#varint64(zigzag64(BigInt(value) - BigInt(base)))
  }

  #varint64(value: bigint): void {
    let rest = value
    for (; rest > 127n; rest >>= 7n) this.bytes[this.at++] = Number(rest & 127n) | 128
    this.bytes[this.at++] = Number(rest)
  }

  /** Bytes as Java has them (-128..127) or as others do (0..255); `false` when one is neither. */
  signedBytes(values: readonly number[]): boolean {
    for (const value of values) {
      if (!Number.isInteger(value) || value < -128 || value > 255) return false
      this.bytes[this.at++] = value
    }
    return true
  }
}
