import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PublishedPosition } from '../../../../../shared/domain/groups/group-record.ts'
import type { Bound, Lane, Standing } from '../../../../../shared/domain/groups/group-stand.ts'
import { decidePosition } from '../../../../../shared/domain/groups/position-verdict.ts'

const ORIGIN = { topic: 'orders', incarnation: 'life-1' }
const exact = (target: bigint, after?: bigint): Bound => ({
  kind: 'exact',
  target,
  ...(after !== undefined && { after }),
})
const at = (offset: bigint): Standing => ({ kind: 'committed', offset, metadata: '' })

/** A stand at source offset 100 and where each of its ways leads. */
const lanes = (bounds: readonly Bound[], { echo = false, offset = 100n, topic = 'orders' } = {}): Lane[] => {
  const leads = bounds.map((bound) => ({ targetTopic: 't', bound }))
  const stand = { group: 'g', partition: 0, origin: { ...ORIGIN, topic }, standing: at(offset), echo, leads }
  return leads.map((lead) => ({ stand, lead }))
}

const published = (change: Partial<PublishedPosition> = {}): PublishedPosition => ({
  origin: ORIGIN,
  source: 100n,
  target: 110n,
  earlier: [],
  ...change,
})

const outcome = (
  ways: readonly Lane[],
  standing?: Standing,
  before?: PublishedPosition,
  followRewinds = false,
): unknown => {
  const verdict = decidePosition(ways, standing, before, { followRewinds })
  if (verdict.kind === 'move') return verdict.move.target
  return verdict.kind === 'skip' ? verdict.skip.because : verdict.kind
}

describe('where one position goes', () => {
  it.each([
    ['the target has none', undefined, 10n],
    ['the target is behind', 9n, 10n],
    ['the target is there', 10n, 'in-step'],
    ['the target is past it', 11n, 'would-lower'],
  ])('when %s', (_what, standing, expected) => {
    expect(outcome(lanes([exact(10n)]), standing === undefined ? undefined : at(standing))).toBe(expected)
  })

  it.each([
    ['the target has none', undefined, 10n],
    ['the target is behind', 9n, 'before-start'],
    ['the target is there', 10n, 'in-step'],
    ['the target is past it', 11n, 'would-lower'],
  ])('of a group from before the map when %s', (_what, standing, expected) => {
    const ways = lanes([exact(10n), { kind: 'before-start', target: 12n, by: 3n }])
    expect(outcome(ways, standing === undefined ? undefined : at(standing))).toBe(expected)
  })

  it.each<[string, Lane[], unknown]>([
    ['the smallest of several bounds', lanes([exact(12n), exact(10n), exact(11n)]), 10n],
    ['of two topics of the source', [...lanes([exact(12n)]), ...lanes([exact(9n)], { topic: 'east.orders' })], 9n],
    ['raised to where nothing unread can lie before', lanes([exact(10n), exact(15n, 13n)]), 13n],
    ['of a map without records, what the other tells', lanes([{ kind: 'none' }, exact(15n, 13n)]), 13n],
    ['raised by nothing of another log', [...lanes([exact(10n)]), ...lanes([exact(15n, 13n)], { topic: 'z' })], 10n],
    ['of a map without records, nothing', lanes([{ kind: 'none' }, exact(15n)]), 'unmapped'],
    ['unmapped, by whichever way', lanes([exact(10n), { kind: 'unmapped', detail: '' }]), 'unmapped'],
    ['failed, by whichever way', lanes([{ kind: 'failed', detail: '' }, exact(10n)]), 'failed'],
    ['an echo', lanes([exact(10n)], { echo: true }), 'echo'],
    [
      'no echo when another topic has news',
      [...lanes([exact(10n)], { echo: true }), ...lanes([exact(12n)], { topic: 'z' })],
      10n,
    ],
  ])('takes %s', (_what, ways, expected) => {
    expect(outcome(ways)).toBe(expected)
  })

  it.each<[string, bigint, PublishedPosition | undefined, unknown]>([
    ['it was never published', 50n, undefined, 'would-lower'],
    ['the source is where it was', 50n, published(), 'would-lower'],
    ['the source went back', 50n, published({ source: 101n }), 10n],
    [
      'another life of the topic was published',
      50n,
      published({ source: 101n, origin: { ...ORIGIN, incarnation: '0' } }),
      'would-lower',
    ],
    ['a rewind is owed from there', 50n, published({ rewindOwed: true, was: 50n }), 10n],
    [
      'a rewind is owed from where an earlier pass may have put it',
      50n,
      published({ rewindOwed: true, was: 1n, earlier: [50n] }),
      10n,
    ],
    ['a rewind was owed from elsewhere', 50n, published({ rewindOwed: true, was: 51n }), 'would-lower'],
  ])('lowers a position, or not, when %s', (_what, standing, before, expected) => {
    expect(outcome(lanes([exact(10n)]), at(standing), before, true)).toBe(expected)
    expect(outcome(lanes([exact(10n)]), at(standing), before, false)).toBe('would-lower')
  })

  it.each<[string, bigint, PublishedPosition | undefined, unknown]>([
    ['it stands where nobody of us left it', 7n, published({ target: 10n, was: 5n }), 'set-back'],
    ['it stands there for the first time', 7n, published({ target: 10n }), 'set-back'],
    ['nothing was published', 7n, undefined, 10n],
    ['the source has moved on since', 7n, published({ target: 10n, source: 99n }), 10n],
    ['another life was published', 7n, published({ target: 10n, origin: { ...ORIGIN, incarnation: '0' } }), 10n],
    ['a commit never came', 5n, published({ target: 10n, was: 5n }), 10n],
    ['several commits never came', 3n, published({ target: 10n, was: 5n, earlier: [4n, 3n] }), 10n],
    ['more is replicated since', 7n, published({ target: 7n, was: 5n }), 10n],
  ])('raises a position, or not, when %s', (_what, standing, before, expected) => {
    expect(outcome(lanes([exact(10n)]), at(standing), before)).toBe(expected)
  })

  const offset = fc.bigInt(0n, 40n)
  const anyPublished = fc.option(
    fc.record({
      source: offset,
      target: offset,
      was: offset,
      earlier: fc.array(offset, { maxLength: 3 }),
      owed: fc.boolean(),
    }),
    { nil: undefined },
  )

  it('never lowers a position that it may not lower, whatever is remembered (I5)', () => {
    fc.assert(
      fc.property(
        fc.array(offset, { minLength: 1, maxLength: 3 }),
        offset,
        offset,
        anyPublished,
        fc.boolean(),
        (targets, source, standing, seen, follow) => {
          const { owed = false, ...rest } = seen ?? {}
          const before = seen && published({ ...rest, ...(owed && { rewindOwed: true }) })
          const verdict = decidePosition(
            lanes(
              targets.map((one) => exact(one)),
              { offset: source },
            ),
            at(standing),
            before,
            {
              followRewinds: follow,
            },
          )
          if (verdict.kind !== 'move' || verdict.move.target > standing) return
          const wentBack =
            before !== undefined &&
            (source < before.source || (owed && [before.was, ...before.earlier].includes(standing)))
          expect([follow, wentBack, verdict.move.rewind, verdict.position?.rewindOwed]).toEqual([
            true,
            true,
            true,
            true,
          ])
          expect(verdict.move.target).toBe(targets.reduce((one, other) => (one < other ? one : other)))
        },
      ),
    )
  })
})
