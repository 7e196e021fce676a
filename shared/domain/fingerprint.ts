import type { PolledRecord } from './record.ts'

const FNV_PRIME = 0x01000193

const fnv1a = (text: string, seed: number): number => {
  let hash = seed
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME)
  return hash >>> 0
}

/**
 * Tells whether a record at a known offset is the one that was replicated. Timestamp and sizes are in plain text beside
 * a hash of 64 bits, so that a record of another incarnation of the topic cannot pass by chance.
 */
export const fingerprint = ({ timestamp, key, value, headers }: PolledRecord): string => {
  const text = JSON.stringify([key, value, headers.map((header) => [header.name, header.value])])
  const halves = [fnv1a(text, 0x811c9dc5), fnv1a(text, 0x01234567)]
  return `${timestamp}.${text.length}.${halves.map((half) => half.toString(16).padStart(8, '0')).join('')}`
}
