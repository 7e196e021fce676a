import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lagOf } from '../../../../../shared/domain/lag/lag-figures.ts'
import {
  atCheckpoint,
  lookAgain,
  type PartitionLook,
  withScan,
  worthScanning,
} from '../../../../../shared/domain/lag/partition-look.ts'

const EVERY_MS = 10_000
const BEGIN = 1_700_000_000_000
const MOST = 2_000

/** One turn: records appear at these fractions of the time between two looks, and so many are replicated. */
interface Turn {
  readonly produced: readonly number[]
  readonly replicated: number
}

const turn: fc.Arbitrary<Turn> = fc.record({
  produced: fc.array(fc.integer({ min: 1, max: EVERY_MS - 1 }), { maxLength: 4 }),
  replicated: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 6 })),
})

/** A partition of which the test knows when each record came. */
class Truth {
  readonly #came: number[] = []
  #now = BEGIN
  #checkpoint = 0
  #look: PartitionLook | undefined

  constructor() {
    this.look()
  }

  pass({ produced, replicated }: Turn): void {
    for (const after of produced.toSorted((one, other) => one - other)) this.#came.push(this.#now + after)
    this.#checkpoint = Math.min(this.#came.length, this.#checkpoint + replicated)
    this.#now += EVERY_MS
  }

  look() {
    const seen = { topic: 'orders', partition: 0, incarnation: 'life', at: this.#now, start: 0n }
    const before = this.#look
    const looked = lookAgain(before, { ...seen, end: BigInt(this.#came.length) })
    this.#look = atCheckpoint(looked, BigInt(this.#checkpoint), MOST)
    return lagOf(this.#look, before, undefined, this.#now)
  }

  get records(): number {
    return this.#came.length - this.#checkpoint
  }

  get lagMs(): number {
    const oldest = this.#came[this.#checkpoint]
    return oldest === undefined ? 0 : this.#now - oldest
  }

  get stored(): PartitionLook | undefined {
    return this.#look
  }
}

describe('the lag of a partition', () => {
  it('is right to one sample interval and never too short, whatever is produced and replicated, in bursts and stalls', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 60 }), (turns) => {
        const truth = new Truth()
        for (const one of turns) {
          truth.pass(one)
          const { records, lagMs } = truth.look()
          expect(records).toBe(truth.records)
          expect(lagMs).toBeGreaterThanOrEqual(truth.lagMs)
          expect(lagMs).toBeLessThanOrEqual(truth.lagMs + EVERY_MS)
          if (truth.records === 0) expect(lagMs).toBe(0)
        }
      }),
    )
  })

  it('grows all the time while nothing is replicated', () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 30 }), (turns) => {
        const truth = new Truth()
        let before = 0
        for (const { produced } of turns) {
          truth.pass({ produced, replicated: 0 })
          const { lagMs } = truth.look()
          expect(lagMs).toBeGreaterThanOrEqual(before)
          before = lagMs
        }
      }),
    )
  })

  it('forgets what is replicated: without lag nothing but the last look is kept', () => {
    const truth = new Truth()
    for (let at = 0; at < 500; at++) {
      truth.pass({ produced: [5], replicated: 1 })
      truth.look()
    }
    expect(truth.stored?.rises).toEqual([])
  })
})

const LOOK: PartitionLook = {
  topic: 'orders',
  partition: 0,
  incarnation: 'life',
  at: BEGIN,
  start: 0n,
  end: 10n,
  rises: [],
  starts: [],
}
const HOUR_MS = 3_600_000
const seenAgain = (changes: Partial<PartitionLook>) => ({ ...LOOK, at: BEGIN + EVERY_MS, ...changes })
const lag = (look: PartitionLook, retentionMs?: number) => lagOf(look, undefined, retentionMs, look.at)

describe('what is behind', () => {
  it('counts no record that a scan did not find, and what came since', () => {
    const scanned = { ...LOOK, checkpoint: 9n, scan: { from: 9n, to: 10n, records: 0 } }
    expect(lag(scanned)).toMatchObject({ records: 0, lagMs: 0 })
    const later = atCheckpoint(lookAgain(scanned, seenAgain({ end: 12n })), 9n, MOST)
    expect(lag(later)).toMatchObject({ records: 2, lagMs: EVERY_MS })
    expect(lag(atCheckpoint(later, 11n, MOST))).toMatchObject({ records: 1 })
  })

  it('is everything where nothing was ever replicated, and nothing of an earlier life of the topic', () => {
    const never = atCheckpoint(lookAgain(undefined, { ...LOOK, start: 4n }), undefined, MOST)
    expect(lag(never)).toMatchObject({ records: 6, gone: 0, atLeast: true })
    const past = { ...LOOK, checkpoint: 10n }
    const next = lookAgain(past, seenAgain({ incarnation: 'next life', end: 20n }))
    expect(lag(atCheckpoint(next, undefined, MOST))).toMatchObject({ records: 20, atLeast: true })
  })

  it('is what is left when retention took records that were not replicated', () => {
    const look = atCheckpoint(lookAgain({ ...LOOK, checkpoint: 2n }, seenAgain({ start: 5n })), 2n, MOST)
    expect(lag(look)).toMatchObject({ records: 5, gone: 3, timeToLossMs: 0 })
  })

  it('is no loss when retention took nothing but markers, or all that there was', () => {
    const scan = { from: 9n, to: 10n, records: 0 }
    const marked = { ...LOOK, checkpoint: 9n, scan }
    const empty = atCheckpoint(lookAgain(marked, seenAgain({ start: 10n })), 9n, MOST)
    expect(lag(empty)).toMatchObject({ records: 0, gone: 0 })
    const onward = atCheckpoint(lookAgain(empty, { ...LOOK, at: BEGIN + 2 * EVERY_MS, start: 10n, end: 11n }), 9n, MOST)
    expect(worthScanning(onward)).toBe(10n)
    const scanned = withScan(onward, { to: 11n, records: 1, first: 10n })
    expect(lag(scanned)).toMatchObject({ records: 1, gone: 0, lagMs: EVERY_MS })
    expect(worthScanning(scanned)).toBeUndefined()
    const all = atCheckpoint(lookAgain({ ...LOOK, checkpoint: 9n }, seenAgain({ start: 10n })), 9n, MOST)
    expect(lag(all)).toMatchObject({ records: 0, gone: 1 })
    expect(lag(all).timeToLossMs).toBeUndefined()
  })
})

describe('a checkpoint that is set back', () => {
  const done = atCheckpoint(lookAgain({ ...LOOK, checkpoint: 10n }, seenAgain({})), 10n, MOST)
  const [AGAIN, LATER] = [BEGIN + 2 * EVERY_MS, BEGIN + 3 * EVERY_MS]

  it.each([
    ['anywhere', 4n, 6],
    ['away', undefined, 10],
  ])('%s leaves records that wait at least since then', (_where, checkpoint, records) => {
    const back = atCheckpoint(lookAgain(done, { ...LOOK, at: AGAIN }), checkpoint, MOST)
    expect(lag(back)).toMatchObject({ records, lagMs: 0, atLeast: true })
    const later = atCheckpoint(lookAgain(back, { ...LOOK, at: LATER, end: 12n }), checkpoint, MOST)
    expect(lag(later)).toMatchObject({ records: records + 2, lagMs: EVERY_MS, atLeast: true })
    expect(lag(atCheckpoint(later, 10n, MOST))).toEqual({
      ...lag(later),
      records: 2,
      lagMs: EVERY_MS,
      atLeast: undefined,
    })
  })

  it('makes none wait for less than those that came after it', () => {
    const more = atCheckpoint(lookAgain(done, { ...LOOK, at: AGAIN, end: 15n }), 10n, MOST)
    expect(lag(more)).toMatchObject({ records: 5, lagMs: EVERY_MS })
    const back = atCheckpoint(lookAgain(more, { ...LOOK, at: LATER, end: 15n }), 4n, MOST)
    expect(lag(back)).toMatchObject({ records: 11, lagMs: 2 * EVERY_MS, atLeast: true })
  })
})

describe('the time to loss', () => {
  const waiting = atCheckpoint(lookAgain({ ...LOOK, checkpoint: 10n }, seenAgain({ end: 15n })), 10n, MOST)

  it('is what retention leaves the oldest record that waits', () => {
    expect(lag(waiting, HOUR_MS).timeToLossMs).toBe(HOUR_MS - EVERY_MS)
    expect(lag(waiting, EVERY_MS / 2).timeToLossMs).toBe(0)
  })

  it('is unknown where nothing waits, nothing is taken and the log start stands still', () => {
    expect(lag(atCheckpoint(waiting, 15n, MOST), HOUR_MS).timeToLossMs).toBeUndefined()
    expect(lag(waiting).timeToLossMs).toBeUndefined()
  })

  it('is how long the log start needs to the checkpoint at the speed of the last minutes', () => {
    const minute = BEGIN + 60_000
    const first = atCheckpoint(lookAgain(undefined, { ...LOOK, end: 100n }), 80n, MOST)
    const moved = atCheckpoint(lookAgain(first, { ...LOOK, end: 100n, start: 60n, at: minute }), 80n, MOST)
    expect(lag(moved).timeToLossMs).toBe(20_000)
    expect(lag(moved, 10_000).timeToLossMs).toBe(0)
    const still = lookAgain(moved, { ...LOOK, end: 100n, start: 60n, at: minute + 16 * 60_000 })
    expect(lag(atCheckpoint(still, 80n, MOST)).timeToLossMs).toBeUndefined()
  })
})
