import { describe, expect, it } from 'vitest'
import type { Page } from '../../../../shared/domain/head.ts'
import {
  settles,
  translate,
  translateBack,
  translateBackInPage,
  translateInPage,
} from '../../../../shared/domain/translation.ts'

//   source   0  1  2  .  .  5  6  7  .        dots: no replicated record
//   target   9 10 11        13 14 15          target 12 is somebody else's
const runs = [
  { source: 0n, target: 9n, length: 3n },
  { source: 5n, target: 13n, length: 3n },
]

describe('translate', () => {
  it.each([
    ['at the beginning', 0n, { kind: 'exact', target: 9n }],
    ['inside a run', 6n, { kind: 'exact', target: 14n }],
    ['where a hole begins', 3n, { kind: 'exact', target: 13n }],
    ['in a hole', 4n, { kind: 'exact', target: 13n }],
    ['after the last run', 8n, { kind: 'exact', target: 16n }],
    ['at the checkpoint, after a hole', 9n, { kind: 'exact', target: 16n }],
    ['past the checkpoint', 11n, { kind: 'ahead', target: 16n, by: 2n }],
  ])('places a group that committed %s', (_where, committed, expected) => {
    expect(translate(runs, 9n, committed)).toEqual(expected)
  })

  it('says what is missing when the map begins later than the group', () => {
    expect(translate(runs.slice(1), 9n, 2n)).toEqual({ kind: 'before-start', target: 13n, missing: 3n })
  })

  it('refuses to guess when nothing has been replicated', () => {
    expect(translate([], 0n, 10n)).toEqual({ kind: 'unmapped' })
  })
})

describe('translateBack', () => {
  it.each([
    ['inside a run', 10n, { kind: 'exact', source: 1n }],
    ['after a run', 12n, { kind: 'exact', source: 3n }],
    ['in a hole', 13n, { kind: 'exact', source: 3n }],
    ['after the first record of a run', 14n, { kind: 'exact', source: 6n }],
    ['at the end', 16n, { kind: 'exact', source: 8n }],
    ['past the end', 18n, { kind: 'ahead', source: 8n, by: 2n }],
    ['before the first record', 9n, { kind: 'before-start', source: 0n, missing: 0n }],
    ['long before the first record', 4n, { kind: 'before-start', source: 0n, missing: 5n }],
  ])('places a group that committed %s', (_where, committed, expected) => {
    expect(translateBack(runs, committed)).toEqual(expected)
  })

  it('refuses to guess when nothing has been replicated', () => {
    expect(translateBack([], 10n)).toEqual({ kind: 'unmapped' })
  })
})

describe('a page', () => {
  const page: Page = {
    incarnation: 'topic-id',
    runs: [{ source: 0n, target: 9n, length: 3n }],
    followedBy: { source: 5n, target: 13n },
  }

  it('settles the hole after it, in both directions', () => {
    expect(translateInPage(page, 2n)).toEqual({ kind: 'exact', target: 11n })
    expect(translateInPage(page, 4n)).toEqual({ kind: 'exact', target: 13n })
    expect(translateBackInPage(page, 11n, 16n)).toEqual({ kind: 'exact', source: 2n })
    expect(translateBackInPage(page, 13n, 16n)).toEqual({ kind: 'exact', source: 3n })
  })

  it('notices that the page after it is missing instead of skipping records', () => {
    expect(() => translateInPage(page, 5n)).toThrow(/STATE_MALFORMED.*begins at source offset 5 is missing/)
    expect(() => translateBackInPage(page, 14n, 16n)).toThrow(/STATE_MALFORMED.*begins at source offset 5 is missing/)
  })
})

describe('a looped stretch', () => {
  //   source   0  1  2  L  L  .  6  7  L  L     L: came from the target and was not copied back
  //   target   9 10 11           15 16          targets 12 to 14 are the target's own
  const looped = [
    { source: 0n, target: 9n, length: 3n },
    { source: 3n, target: 12n, length: 2n, looped: true },
    { source: 6n, target: 15n, length: 2n },
    { source: 8n, target: 17n, length: 2n, looped: true },
  ] as const

  it.each([
    ['where it begins', 3n, { kind: 'exact', target: 15n }],
    ['inside it', 4n, { kind: 'exact', target: 15n }],
    ['in the hole after it', 5n, { kind: 'exact', target: 15n }],
    ['in the last one', 9n, { kind: 'exact', target: 17n }],
    ['after the last one', 10n, { kind: 'exact', target: 17n }],
    ['past the checkpoint', 12n, { kind: 'ahead', target: 17n, by: 2n }],
  ])('resumes at the first replicated record after it: %s', (_where, committed, expected) => {
    expect(translate(looped, 10n, committed)).toEqual(expected)
  })

  it.each([
    ['at the last record before it', 12n, { kind: 'exact', source: 3n }],
    ['in the own records of the target', 14n, { kind: 'exact', source: 3n }],
    ['at the end', 17n, { kind: 'exact', source: 8n }],
    ['past the end', 19n, { kind: 'ahead', source: 8n, by: 2n }],
  ])('is read again by who comes back from %s', (_where, committed, expected) => {
    expect(translateBack(looped, committed)).toEqual(expected)
  })

  it('at the beginning is part of the map', () => {
    expect(translate(looped.slice(1), 10n, 3n)).toEqual({ kind: 'exact', target: 15n })
    expect(translate(looped.slice(1), 10n, 1n)).toEqual({ kind: 'before-start', target: 15n, missing: 2n })
    expect(translateBack(looped.slice(1), 13n)).toEqual({ kind: 'before-start', source: 3n, missing: 0n })
    expect(translateBack(looped.slice(1), 10n)).toEqual({ kind: 'before-start', source: 3n, missing: 2n })
  })

  it('is no map alone, as long as nothing was ever replicated', () => {
    expect(translate([{ source: 0n, target: 0n, length: 3n, looped: true }], 3n, 1n)).toEqual({ kind: 'unmapped' })
    expect(translate(looped.slice(3), 10n, 9n)).toEqual({ kind: 'exact', target: 17n })
  })

  it('leaves open where the map goes on, when only looped runs were known to follow a page', () => {
    const page: Page = { incarnation: 'topic-id', runs: [looped[0], looped[1]], followedBy: { source: 6n } }
    expect([settles(page, 2n), settles(page, 3n)]).toEqual([true, false])
    expect(translateBackInPage(page, 14n, 17n)).toEqual({ kind: 'exact', source: 3n })
    expect(translateBackInPage(page, 17n, 17n)).toEqual({ kind: 'exact', source: 3n })
    expect(translateBackInPage(page, 20n, 17n)).toEqual({ kind: 'ahead', source: 3n, by: 3n })
  })

  it('is settled by a page that knows where the map goes on', () => {
    const page: Page = {
      incarnation: 'topic-id',
      runs: [looped[0], looped[1]],
      followedBy: { source: 6n, target: 15n },
    }
    expect(settles(page, 4n)).toBe(true)
    expect(translateInPage(page, 4n)).toEqual({ kind: 'exact', target: 15n })
  })
})
