import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, type PartitionEvidence } from '../../../../local/check/comparison.ts'
import { judgeMap } from '../../../../local/check/map-truth.ts'
import type { Run } from '../../../../shared/domain/run.ts'
import { sourceEnd } from '../../../../shared/domain/run.ts'
import { type Position, translate } from '../../../../shared/domain/translation.ts'
import { logOf } from '../../../support/partition-logs.ts'

const run = (source: number, target: number, length: number): Run => ({
  source: BigInt(source),
  target: BigInt(target),
  length: BigInt(length),
})

const judge = (
  source: string,
  target: string,
  toPosition: (committed: bigint) => Position,
  own: Partial<PartitionEvidence> = {},
) =>
  judgeMap(
    compare({
      source: logOf(source),
      target: logOf(target),
      isolation: 'committed',
      gaps: [],
      redelivered: [],
      ...own,
    }),
    toPosition,
  )

const judgeRuns = (source: string, target: string, runs: readonly Run[]) => {
  const last = runs.at(-1)
  return judge(source, target, (committed) => translate(runs, last === undefined ? 0n : sourceEnd(last), committed))
}

const FAULTLESS = { errors: 0, firstErrors: [], rereads: 0 }

describe('the truth about an offset map', () => {
  it.each([
    ['one run', 'a b c', 'a b c', [run(0, 0, 3)]],
    ['holes on both sides', '. a b . c .', '. . a b . c .', [run(1, 2, 2), run(4, 5, 1)]],
    [
      'a copy that a crash left, and the map points at the later one',
      'a b c d',
      'a b c b c d',
      [run(0, 0, 1), run(1, 3, 3)],
    ],
    ['nothing at all', '.', '.', []],
    ['a partition whose first records were lost', 'a b c d', 'c d', [run(2, 0, 2)]],
  ])('agrees with a faultless map: %s', (_what, source, target, runs) => {
    expect(judgeRuns(source, target, runs)).toEqual(FAULTLESS)
  })

  it.each([
    ['a target offset that is off by one', 'a b c', 'a b c', [run(0, 1, 3)], 3],
    ['a source offset that is off by one', 'a . b c', 'a b c', [run(0, 0, 1), run(1, 1, 2)], 2],
    ['a run that is too long', 'a b c', 'a b c', [run(0, 0, 4)], 0],
    ['a run across a hole', 'a b . c d', 'a b c d', [run(0, 0, 5)], 2],
    ['an empty map', 'a b', 'a b', [], 3],
    ['a map that stops early', 'a b c', 'a b c', [run(0, 0, 2)], 1],
  ])('finds %s', (_what, source, target, runs, errors) => {
    expect(judgeRuns(source, target, runs).errors).toBe(errors)
  })

  it('finds a place after which a record is missed, and one that reads read records again', () => {
    const rewound = 'a b c b c d'
    const skipping: Run[] = [run(0, 0, 1), run(1, 3, 3)]
    expect(
      judge('a b c d', rewound, (at) => (at === 1n ? { kind: 'exact', target: 4n } : translate(skipping, 4n, at))),
    ).toMatchObject({
      errors: 1,
      firstErrors: [{ sourceOffset: 1n, targetOffset: 4n }],
    })
    const behindZombie = (at: bigint): Position =>
      at === 0n ? { kind: 'exact', target: 3n } : translate([run(0, 0, 3)], 3n, at)
    expect(judge('a b c', 'a b c a', behindZombie)).toMatchObject({ errors: 1, firstErrors: [{ sourceOffset: 0n }] })
    const early: Run[] = [run(0, 0, 3), run(3, 5, 1)]
    expect(judgeRuns('a b c d', rewound, early)).toMatchObject({ errors: 0, rereads: 2 })
  })

  it('does not ask a map for what lies behind the repetition of a zombie', () => {
    expect(judgeRuns('a b c d', 'a b c d a b', [run(0, 0, 4)])).toMatchObject({ errors: 0, rereads: 1 })
  })

  it.each([
    ['ahead, although a record follows', { kind: 'ahead', target: 1n, by: 1n }],
    ['before the start', { kind: 'before-start', target: 1n, missing: 1n }],
    ['unmapped', { kind: 'unmapped' }],
  ] as const)('does not believe a false claim: %s', (_claim, claimed) => {
    const honest = (committed: bigint): Position => translate([run(0, 0, 2)], 2n, committed)
    expect(judge('a b', 'a b', (at) => (at === 1n ? claimed : honest(at)))).toMatchObject({
      errors: 1,
      firstErrors: [{ sourceOffset: 1n }],
    })
    const beforeItsFirst: Position = { kind: 'before-start', target: 0n, missing: 0n }
    expect(judge('a b', 'a b', (at) => (at === 0n ? beforeItsFirst : honest(at)))).toMatchObject({ errors: 1 })
  })

  it('leaves out what an operator put back later', () => {
    const gaps = [{ from: 1n, to: 2n, kind: 'quarantined' as const, replayedAt: 1 }]
    const runs = [run(0, 0, 1), run(2, 1, 1)]
    expect(judge('a b c', 'a c b', (at) => translate(runs, 3n, at), { gaps })).toMatchObject({ errors: 0, rereads: 1 })
  })

  it('notices whichever place is moved', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), fc.constantFrom(-1n, 1n), (length, seed, shift) => {
        const words = Array.from({ length }, (_, at) => `r${at}`).join(' ')
        const runs = [run(0, 0, length)]
        const moved = BigInt(seed % (length + 1))
        const shifted = moved + shift
        fc.pre(shifted >= 0n && shifted <= length)
        const toPosition = (at: bigint): Position =>
          at === moved ? { kind: 'exact', target: shifted } : translate(runs, BigInt(length), at)
        expect(judge(words, words, toPosition).errors).toBe(1)
      }),
    )
  })
})
