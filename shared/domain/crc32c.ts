const POLYNOMIAL = 0x82f63b78
const SLICES = 16
const SLICE = 256

/** `TABLES[k * SLICE + b]` is what byte `b` contributes when `k` more bytes follow it in the same step. */
const TABLES = buildTables()

function buildTables(): Int32Array {
  const tables = new Int32Array(SLICES * SLICE)
  for (let byte = 0; byte < SLICE; byte++) tables[byte] = remainderOf(byte)
  for (let index = SLICE; index < tables.length; index++) {
    const shorter = tables[index - SLICE] as number
    tables[index] = (shorter >>> 8) ^ (tables[shorter & 255] as number)
  }
  return tables
}

function remainderOf(byte: number): number {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1
  return rest
}

/**
 * CRC-32C (Castagnoli) of `bytes[from]` to `bytes[to - 1]`, as Kafka puts it into a record batch.
 *
 * Sixteen bytes a step, read as four words: twice as fast as the usual eight bytes read one by one. The words are read
 * in the machine's order, which is little-endian on everything that Node 24 and Lambda run on.
 */
export const crc32c = (bytes: Uint8Array, from: number, to: number): number => {
  const aligned = Math.min(to, from + (-(bytes.byteOffset + from) & 3))
  const steps = (to - aligned) >>> 4
  const head = byBytes(bytes, from, aligned, -1)
  if (steps === 0) return ~byBytes(bytes, aligned, to, head) >>> 0
  const body = byWords(new Int32Array(bytes.buffer, bytes.byteOffset + aligned, steps * 4), head)
  return ~byBytes(bytes, aligned + steps * 16, to, body) >>> 0
}

const byBytes = (bytes: Uint8Array, from: number, to: number, start: number): number => {
  let crc = start
  for (let at = from; at < to; at++) crc = (TABLES[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8)
  return crc
}

const byWords = (words: Int32Array, start: number): number => {
  let crc = start
  for (let at = 0; at < words.length; at += 4) {
    const first = contribution((words[at] as number) ^ crc, 12 * SLICE)
    const second = contribution(words[at + 1] as number, 8 * SLICE)
    const third = contribution(words[at + 2] as number, 4 * SLICE)
    crc = first ^ second ^ third ^ contribution(words[at + 3] as number, 0)
  }
  return crc
}

/** What the four bytes of a word contribute when the tables from `from` on belong to its last byte. */
const contribution = (word: number, from: number): number =>
  (TABLES[from + 3 * SLICE + (word & 255)] as number) ^
  (TABLES[from + 2 * SLICE + ((word >>> 8) & 255)] as number) ^
  (TABLES[from + SLICE + ((word >>> 16) & 255)] as number) ^
  (TABLES[from + (word >>> 24)] as number)
