const MORE = 0x80
const SEVEN_BITS = 0x7f

export const varintSizeBytes = (value: bigint): number => {
  let size = 1
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) size += 1
  return size
}

/** Adds a number that is not negative, seven bits a byte, the lowest first. */
export const pushVarint = (bytes: number[], value: bigint): void => {
  let rest = value
  for (; rest > BigInt(SEVEN_BITS); rest >>= 7n) bytes.push(Number(rest & BigInt(SEVEN_BITS)) | MORE)
  bytes.push(Number(rest))
}

/** The numbers in `bytes`, each of at most `bits` bits. Throws a `RangeError`. */
export const varintsIn = (bytes: Uint8Array, bits: bigint): bigint[] => {
  const numbers: bigint[] = []
  let value = 0n
  let shift = 0n
  for (const byte of bytes) {
    value |= BigInt(byte & SEVEN_BITS) << shift
    shift += 7n
    if ((byte >= MORE && shift >= bits) || value >> bits > 0n)
      throw new RangeError(`packed numbers hold a number beyond ${bits} bits`)
    if (byte >= MORE) continue
    numbers.push(value)
    value = 0n
    shift = 0n
  }
  if (shift > 0n) throw new RangeError('packed numbers end in the middle of a number')
  return numbers
}
