import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../../shared/domain/fingerprint.ts'
import type { Head } from '../../../../shared/domain/head.ts'
import { stretchesOf } from '../../../../shared/domain/looped-runs.ts'
import { tellable } from '../../../../shared/domain/note-capacity.ts'
import { runsOf } from '../../../../shared/domain/placement.ts'
import { headAfter, type Progress } from '../../../../shared/domain/progress.ts'
import {
  commitOf,
  headAfterStep,
  LONGEST_NOTE,
  readCommit,
  stepAhead,
} from '../../../../shared/domain/source-commit.ts'
import { polled } from '../../../support/polled.ts'

const INCARNATION = 'abcdefghijklmnopqrstuv'

const headAt = (nextSource: number, own: Partial<Head> = {}): Head => ({
  incarnation: INCARNATION,
  nextSource: BigInt(nextSource),
  nextTarget: 7n,
  openRuns: [{ source: 0n, target: 2n, length: 5n }],
  last: { source: 4n, fingerprint: 'any', timestamp: 1 },
  unverifiedFrom: undefined,
  epoch: 3,
  updatedAt: 1,
  ...own,
})

interface Kind {
  readonly gap: number
  readonly looped: boolean
}

/** Records behind the head, some looped, in record batches of one to three with foreign records between. */
const progressFrom = (head: Head, kinds: readonly Kind[], foreign: readonly number[]): Progress => {
  let offset = Number(head.nextSource) - 1
  const [first, ...others] = kinds.map(({ gap }) => {
    offset += 1 + gap
    return polled(offset)
  })
  if (first === undefined) throw new RangeError('a batch has at least one record')
  const handled = [first, ...others] as const
  const onward = handled.filter((_, at) => !kinds[at]?.looped)
  const looped = handled.filter((_, at) => kinds[at]?.looped).map((record) => record.offset)
  let target = head.nextTarget + 1n
  const placed = onward.map((_, at) => {
    target += BigInt(foreign[at] ?? 0)
    return { first: at, count: 1, target: target++ }
  })
  return { handled, runs: runsOf(onward, placed), looped: stretchesOf(looped) }
}

const kinds = fc.array(fc.record({ gap: fc.nat({ max: 3 }), looped: fc.boolean() }), { minLength: 1, maxLength: 60 })
const heads = fc
  .record({ empty: fc.boolean(), unverified: fc.boolean(), refill: fc.boolean() })
  .map(({ empty, unverified, refill }) =>
    headAt(5, {
      ...(empty && { openRuns: [], last: undefined, nextTarget: 0n }),
      ...(unverified && { unverifiedFrom: 3n }),
      ...(refill && { refillBelow: 30n }),
    }),
  )

describe('a commit', () => {
  it('brings a head to where its records would have brought it', () => {
    fc.assert(
      fc.property(heads, kinds, fc.array(fc.nat({ max: 2 })), (head, records, foreign) => {
        const admission = { incarnation: INCARNATION, start: head.nextSource, logStart: undefined }
        const progress = progressFrom(head, records, foreign)
        const stamp = { openRuns: head.openRuns, epoch: 4, now: 9 }
        const step = stepAhead(head, commitOf(head, admission, progress))
        expect(step && headAfterStep(head, step, stamp)).toEqual(headAfter(head, admission, progress, stamp))
      }),
    )
  })

  it('says which record was the last', () => {
    const head = headAt(5)
    const progress = progressFrom(head, [{ gap: 2, looped: false }], [])
    const commit = commitOf(head, { incarnation: INCARNATION, start: 5n, logStart: undefined }, progress)
    expect(readCommit(commit)).toMatchObject({
      from: 5n,
      nextSource: 8n,
      last: { source: 7n, fingerprint: fingerprint(polled(7)) },
      unverifiedFrom: 5n,
    })
  })

  it('of as many records as it can tell fits into what Kafka takes', () => {
    const gaps = fc.array(fc.record({ gap: fc.nat({ max: 100_000 }), looped: fc.boolean() }), {
      minLength: 1_500,
      maxLength: 1_500,
    })
    fc.assert(
      fc.property(gaps, (records) => {
        const head = headAt(2 ** 40)
        const { handled, looped } = progressFrom(head, records, [])
        const offsets = looped.flatMap(({ from, to }) =>
          Array.from({ length: Number(to - from) }, (_, at) => Number(from) + at),
        )
        const count = tellable(handled, offsets)
        expect(count).toBeGreaterThan(100)
        expect(count).toBeLessThan(1_500)
        const progress = progressFrom(head, records.slice(0, count), [])
        const admission = { incarnation: INCARNATION, start: head.nextSource, logStart: undefined }
        expect(commitOf(head, admission, progress).note.length).toBeLessThanOrEqual(LONGEST_NOTE)
      }),
      { numRuns: 10 },
    )
  })

  it('of records without a hole tells all of them', () => {
    expect(
      tellable(
        Array.from({ length: 10_000 }, (_, offset) => polled(offset)),
        [],
      ),
    ).toBe(10_000)
  })
})

describe('the step that a head has yet to take', () => {
  const before = headAt(5)
  const admission = { incarnation: INCARNATION, start: 5n, logStart: undefined }
  const progress = progressFrom(
    before,
    [
      { gap: 0, looped: false },
      { gap: 0, looped: false },
    ],
    [],
  )
  const commit = commitOf(before, admission, progress)

  it.each([
    ['is there when the head is where the transaction began', before, true],
    ['is none when the head has taken it', headAt(7), false],
    ['is none when the head is farther', headAt(9), false],
    ['is none when the head went another way meanwhile', headAt(6), false],
    ['is none in another life of the topic', headAt(5, { incarnation: 'another' }), false],
    ['is none when the head was begun anew', headAt(0, { last: undefined, openRuns: [] }), false],
  ])('%s', (_, head, isThere) => {
    expect(stepAhead(head, commit) !== undefined).toBe(isThere)
  })

  it('is missing when the head is older than that', () => {
    expect(() => stepAhead(headAt(3), commit)).toThrow(expect.objectContaining({ code: 'COMMIT_MALFORMED' }))
  })

  it.each([
    '',
    'text',
    '{}',
    '[]',
    '[2]',
    '[1,"a",5,"b",1,null,"AA=="]',
    '[1,"a","5","b",1,null,"AA=="]',
    '[1,"a","5","b",1,"x","Ag=="]',
  ])('cannot be read out of the note %j', (note) => {
    expect(() => readCommit({ nextSource: 7n, note })).toThrow(expect.objectContaining({ code: 'COMMIT_MALFORMED' }))
  })
})
