import { Hash64 } from './hash64.ts'
import type { PolledRecord } from './record.ts'

/**
 * Tells whether a record at a known offset is the one that was replicated. Timestamp and sizes are in plain text beside
 * a hash of 64 bits, so that a record of another incarnation of the topic cannot pass by chance.
 */
export const fingerprint = ({ timestamp, key, value, headers }: PolledRecord): string => {
  const text = JSON.stringify([key, value, headers.map((header) => [header.name, header.value])])
  return `${timestamp}.${text.length}.${new Hash64().text(text).hex}`
}
