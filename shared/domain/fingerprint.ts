import type { PolledRecord } from './record.ts'

/** Two hashes of 32 bits in one walk: a value may be large, and one of them alone would collide by chance. */
const hash64 = (text: string): string => {
  let one = 0x811c9dc5
  let other = 0x01234567
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    one = Math.imul(one ^ code, 0x01000193)
    other = Math.imul(other ^ code, 0x5bd1e995)
  }
  return [one, other].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

/**
 * Tells whether a record at a known offset is the one that was replicated. Timestamp and sizes are in plain text beside
 * a hash of 64 bits, so that a record of another incarnation of the topic cannot pass by chance.
 */
export const fingerprint = ({ timestamp, key, value, headers }: PolledRecord): string => {
  const text = JSON.stringify([key, value, headers.map((header) => [header.name, header.value])])
  return `${timestamp}.${text.length}.${hash64(text)}`
}
