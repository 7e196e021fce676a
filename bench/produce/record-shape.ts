import { seededRandom } from '../../local/corpus/corpus-records.ts'

/** What kind of records a contest is about; every contestant gets values from the same pool, with null keys. */
export interface RecordShape {
  readonly name: string
  readonly valueBytes: number
  readonly content: 'text' | 'json'
  readonly compression: 'none' | 'zstd'
  /** How much of it is sent, where it goes slowly. @default 1, all of it */
  readonly portion?: number
}

/** Base64 text does not shrink to speak of, which is the harder case; ProducerPerformance reads values from a text file. */
export const SHAPES: readonly RecordShape[] = [
  { name: '1 KiB', valueBytes: 1024, content: 'text', compression: 'none' },
  { name: '100 B', valueBytes: 100, content: 'text', compression: 'none', portion: 0.25 },
  { name: '50 KB', valueBytes: 50_000, content: 'text', compression: 'none' },
  { name: 'JSON, zstd', valueBytes: 1024, content: 'json', compression: 'zstd' },
]

const POOL_BYTES = 4_000_000
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const WORDS = ['created', 'paid', 'packed', 'shipped', 'returned', 'Lisbon', 'Oslo', 'Porto', 'Turku', 'Ghent']

const randomText = (random: () => number, length: number): string =>
  Array.from({ length }, () => LETTERS[random() & 63]).join('')

/** An order as an application would write it, padded with more lines until it is as long as wanted. */
const randomJson = (random: () => number, length: number): string => {
  const word = (): string => WORDS[random() % WORDS.length] ?? ''
  const lines: object[] = []
  const text = (note: string): string =>
    JSON.stringify({ orderId: random(), customer: random() % 100_000, status: word(), city: word(), lines, note })
  while (text('').length < length - 100) {
    lines.push({
      sku: `SKU-${random() % 10_000}`,
      quantity: random() % 9,
      price: (random() % 100_000) / 100,
      state: word(),
    })
  }
  const draft = text('')
  return draft.replace(/"note":""}$/, `"note":"${'.'.repeat(Math.max(0, length - draft.length))}"}`).slice(0, length)
}

/** Values of exactly the shape's size and without a line break; the same for the same shape. */
export const valuesOf = ({ valueBytes, content }: RecordShape): readonly Buffer[] => {
  const random = seededRandom(1)
  const write = content === 'json' ? randomJson : randomText
  const count = Math.max(10, Math.floor(POOL_BYTES / valueBytes))
  return Array.from({ length: count }, () => Buffer.from(write(random, valueBytes)))
}
