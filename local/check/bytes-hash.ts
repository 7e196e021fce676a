/** 64 bits, as two unsigned 32-bit halves. */
export type Hash = readonly [number, number]

/** No bytes at all, as in a tombstone; far from the hash of an empty buffer. */
export const NULL_HASH: Hash = [0x6e756c6c, 0x4e554c4c]

const C1 = 0xcc9e2d51
const C2 = 0x1b873593

/**
 * Two MurmurHash3 lanes (x86, 32 bits each) in one pass, the second over rotated words with a seed of its own. Against
 * accident only, never against intent: millions of records are compared, and two of them collide once in 10^19 pairs.
 */
export const hashBytes = (bytes: Buffer | null, seed = 0): Hash => {
  if (bytes === null) return NULL_HASH
  let low = seed
  let high = seed ^ 0x5bd1e995
  let at = 0
  for (const end = bytes.length & ~3; at < end; at += 4) {
    const word =
      byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24)
    low = mix(low, word)
    high = mix(high, ~rotate(word, 7))
  }
  let tail = 0
  for (let shift = 0; at < bytes.length; at++, shift += 8) tail |= byteAt(bytes, at) << shift
  low = mix(low, tail)
  high = mix(high, ~rotate(tail, 7))
  return [avalanche(low ^ bytes.length), avalanche(high ^ bytes.length)]
}

const byteAt = (bytes: Buffer, at: number): number => bytes[at] ?? 0

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

const mix = (hash: number, word: number): number =>
  (Math.imul(rotate(hash ^ Math.imul(rotate(Math.imul(word, C1), 15), C2), 13), 5) + 0xe6546b64) | 0

const avalanche = (hash: number): number => {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return (twice ^ (twice >>> 16)) >>> 0
}

/** The hash of a sequence: its parts, their order and their number matter. */
export const hashSequence = (parts: readonly Hash[]): Hash => {
  let low = parts.length
  let high = ~parts.length
  for (const [a, b] of parts) {
    low = mix(low, a)
    high = mix(high, b)
  }
  return [avalanche(low), avalanche(high)]
}
