import type { LogHeader, LogRecord } from '../check/record-batch-reader.ts'
import type { Codec } from '../check/record-compression.ts'

/** A record before a broker gave it an offset. */
export type CorpusRecord = Omit<LogRecord, 'offset'>

/** A stream of numbers below 2^32 that is the same for the same seed (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

export const randomBytes = (random: () => number, length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length)
  let at = 0
  for (const end = length - 3; at < end; at += 4) bytes.writeUInt32LE(random(), at)
  for (; at < length; at++) bytes[at] = random() & 255
  return bytes
}

/** As near to a broker's default of 1,048,588 bytes a batch as every codec of every client keeps within. */
const NEAR_LIMIT_BYTES = 1_000_000

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')

const header = (name: string, value: Buffer | string | null): LogHeader => ({
  name: utf8(name),
  value: typeof value === 'string' ? utf8(value) : value,
})

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

const plain = (timestamp: number, own: Partial<CorpusRecord>): CorpusRecord => ({
  timestamp,
  key: utf8('key'),
  value: utf8('value'),
  headers: [],
  ...own,
})

const nullsAndBytes = (random: () => number, now: number): CorpusRecord[] => [
  plain(now, { key: null }),
  plain(now, { key: Buffer.alloc(0) }),
  plain(now, { value: null }),
  plain(now, { value: Buffer.alloc(0) }),
  plain(now, { key: null, value: null }),
  plain(now, { key: Buffer.alloc(0), value: Buffer.alloc(0) }),
  plain(now, { key: ALL_BYTES, value: ALL_BYTES }),
  plain(now, { key: randomBytes(random, 300), value: randomBytes(random, 5000) }),
  plain(now, { key: Buffer.from([0xff]), value: Buffer.from([0xc3, 0x28]) }),
]

const awkwardHeaders = (now: number): CorpusRecord[] => [
  plain(now, { headers: [header('trace', '1'), header('b', 'x'), header('trace', '2'), header('trace', '1')] }),
  plain(now, { headers: [header('10', 'ten'), header('2', 'two'), header('a', 'a'), header('1', 'one')] }),
  plain(now, { headers: [header('null', null), header('empty', ''), header('null', null), header('', 'no name')] }),
  plain(now, { headers: [header('ë', 'ü'), header('日本', '語'), header('😀', Buffer.from([0, 255, 128, 127]))] }),
  plain(now, { headers: [header('__proto__', 'x'), header('constructor', null), header('toString', '')] }),
  plain(now, { value: null, headers: [header('on-a-tombstone', ALL_BYTES)] }),
  plain(now, { headers: Array.from({ length: 100 }, (_, at) => header(`h${at % 7}`, String(at))) }),
]

const YEAR_2001 = 1_000_000_000_000
const YEAR_9999 = 253_402_300_799_000

/** Forwards and backwards within one batch, by more than 32 bits of milliseconds. */
const awkwardTimestamps = (now: number): CorpusRecord[] => [
  plain(0, { value: utf8('1970') }),
  plain(now, { value: utf8('now') }),
  plain(YEAR_9999, { value: utf8('far future') }),
  plain(YEAR_2001, { value: utf8('2001') }),
  plain(now - 1, { value: utf8('just before') }),
]

const SIZES = [1, 2, 63, 64, 127, 128, 16_383, 16_384, 100_000, NEAR_LIMIT_BYTES]

const manySizes = (random: () => number, now: number): CorpusRecord[] =>
  SIZES.map((size) => plain(now, { key: utf8(`size ${size}`), value: randomBytes(random, size) }))

/** Twice the same bytes at the same time: only their order and number tell them apart. */
const twins = (now: number): CorpusRecord[] => Array.from({ length: 3 }, () => plain(now, { value: utf8('twin') }))

/** Batches of the records that replicators get wrong; each codec gets all of them. */
export const awkwardBatches = (seed: number, now: number): CorpusRecord[][] => {
  const random = seededRandom(seed)
  const small = [...nullsAndBytes(random, now), ...awkwardHeaders(now), ...twins(now)]
  const sized = manySizes(random, now + 1)
  return [small, awkwardTimestamps(now), [plain(-1, { value: utf8('no timestamp') })], ...sized.map((one) => [one])]
}

/** One of each codec, so that a partition's number tells its codec. */
export const AWKWARD_CODECS: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

const KEYS = 20

/** Keys that come again and again, and at last some tombstones: what compaction works on. */
export const compactableRecords = (seed: number, rounds: number, now: number): CorpusRecord[] => {
  const random = seededRandom(seed)
  const updates = Array.from({ length: rounds * KEYS }, (_, at) =>
    plain(now - rounds * KEYS + at, { key: utf8(`key ${random() % KEYS}`), value: randomBytes(random, 200) }),
  )
  const tombstones = [3, 7].map((key) => plain(now, { key: utf8(`key ${key}`), value: null }))
  return [...updates, ...tombstones]
}

const POOL_BYTES = 1 << 20

type Untimed = Omit<CorpusRecord, 'timestamp'>

/** Records of one size, each different from all others, without an end. */
export const bulkRecordMaker = (seed: number, sizeBytes: number): (() => Untimed) => {
  const random = seededRandom(seed)
  const pool = randomBytes(random, POOL_BYTES + sizeBytes)
  let number = 0
  return () => {
    const from = random() % POOL_BYTES
    return { key: utf8(`${seed}/${number++}`), value: pool.subarray(from, from + sizeBytes), headers: [] }
  }
}

export function* bulkRecords(seed: number, count: number, sizeBytes: number): Generator<Untimed> {
  const next = bulkRecordMaker(seed, sizeBytes)
  for (let number = 0; number < count; number++) yield next()
}
