import { type CorpusRecord, randomBytes, seededRandom } from '../../local/corpus/corpus-records.ts'

const MINUTE_MS = 60_000
const START = 1_700_000_000_000

const headersOf = (at: number): CorpusRecord['headers'] => {
  if (at % 3 !== 0) return []
  const twice = { name: Buffer.from('trace'), value: Buffer.from([at & 255, 255, 0]) }
  return [
    twice,
    { name: Buffer.from('none'), value: null },
    twice,
    { name: Buffer.from('empty'), value: Buffer.alloc(0) },
  ]
}

/**
 * Records that are all told apart by their values, with null keys, tombstones with a key of their own, headers twice, null
 * and empty, and timestamps that go back and forth.
 */
export const variedRecords = (count: number, word: string, own: Partial<CorpusRecord> = {}): CorpusRecord[] =>
  Array.from({ length: count }, (_, at) => ({
    timestamp: START + ((at * 7) % 11) * MINUTE_MS + at,
    key: at % 5 === 4 ? null : Buffer.from(`${word} key ${at}`),
    value: at % 7 === 6 && at % 5 !== 4 ? null : Buffer.from(`${word} ${at}`),
    headers: headersOf(at),
    ...own,
  }))

/** One record of `sizeBytes` that no codec makes smaller. */
export const largeRecord = (sizeBytes: number, word: string): CorpusRecord => ({
  timestamp: START,
  key: Buffer.from(word),
  value: randomBytes(seededRandom(sizeBytes), sizeBytes),
  headers: [],
})
