import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PartitionEvidence } from '../../../../local/check/comparison.ts'
import { describeOffence, judgePartition, total } from '../../../../local/check/verdict.ts'
import { logOf } from '../../../support/partition-logs.ts'

const evidence = (source: string, target: string, own: Partial<PartitionEvidence> = {}): PartitionEvidence => ({
  source: logOf(source),
  target: logOf(target),
  isolation: 'committed',
  gaps: [],
  redelivered: [],
  ...own,
})

const range = (from: number, to: number) => ({ from: BigInt(from), to: BigInt(to) })

const CLEAN = {
  lost: 0,
  altered: 0,
  reordered: 0,
  duplicates: { explained: 0, unexplained: 0 },
  phantom: 0,
  aborted: 0,
  gaps: 0,
  falseGaps: 0,
}

describe('the verdict on a partition', () => {
  it.each([
    ['the same sequence', 'a b c', 'a b c'],
    ['a source with holes', 'a . . b . c .', 'a b c'],
    ['a target with transaction markers', 'a b c', 'a . b c .'],
    ['empty logs', '.', '.'],
    ['twins', 'a a b a a a', 'a a b a a a'],
  ])('finds nothing wrong with %s', (_what, source, target) => {
    expect(judgePartition(evidence(source, target))).toMatchObject(CLEAN)
    expect(judgePartition(evidence(source, target)).firstOffences).toEqual([])
  })

  it.each([
    ['the first', 'a b c d', 'b c d', [0n]],
    ['one in the middle', 'a b c d', 'a c d', [1n]],
    ['the last', 'a b c d', 'a b c', [3n]],
    ['all of them', 'a b', '.', [0n, 1n]],
    ['one of several twins', 'a x x x b', 'a x x b', [3n]],
  ])('finds a lost record: %s', (_which, source, target, offsets) => {
    const { firstOffences, ...verdict } = judgePartition(evidence(source, target))
    expect(verdict).toMatchObject({ ...CLEAN, lost: offsets.length })
    expect(firstOffences.map(({ kind, sourceOffset }) => [kind, sourceOffset])).toEqual(
      offsets.map((at) => ['lost', at]),
    )
  })

  it('takes a gap for a reason, within its bounds only', () => {
    const gaps = [{ ...range(1, 3), kind: 'lost' as const }]
    expect(judgePartition(evidence('a b c d', 'a d', { gaps }))).toMatchObject({ lost: 0, gaps: 1, falseGaps: 0 })
    expect(judgePartition(evidence('a b c d', 'a', { gaps }))).toMatchObject({ lost: 1, gaps: 1 })
  })

  it('finds a gap over records that are on the target', () => {
    const gaps = [{ ...range(1, 3), kind: 'lost' as const }]
    expect(judgePartition(evidence('a b c d', 'a b d', { gaps }))).toMatchObject({ falseGaps: 1 })
    const replayed = [{ ...range(1, 2), kind: 'quarantined' as const, replayedAt: 1 }]
    expect(judgePartition(evidence('a b c', 'a c b', { gaps: replayed }))).toMatchObject({ ...CLEAN, gaps: 1 })
  })

  it.each([
    ['key', { key: null }],
    ['value', { value: Buffer.alloc(0) }],
    ['timestamp', { timestamp: 1_700_000_000_001 }],
    ['headers', { headers: [{ name: Buffer.from('h'), value: null }] }],
  ] as const)('finds an altered %s', (field, own) => {
    const target = logOf(['a', { word: 'b', offset: 1, own }, 'c'])
    const verdict = judgePartition({ ...evidence('a b c', ''), target })
    expect(verdict).toMatchObject({ ...CLEAN, altered: 1 })
    expect(verdict.firstOffences).toMatchObject([
      { kind: 'altered', sourceOffset: 1n, targetOffset: 1n, detail: `differs in ${field}` },
    ])
  })

  it('finds every altered record of a stretch', () => {
    const own = { timestamp: 0 }
    const target = logOf([{ word: 'a', offset: 0, own }, { word: 'b', offset: 1, own }, 'c'])
    expect(judgePartition({ ...evidence('a b c', ''), target })).toMatchObject({ ...CLEAN, altered: 2 })
  })

  it.each([
    ['one that came early, and again in its place', 'a b', 'b a b', 1],
    ['two that changed places', 'a b c d', 'a c b d', 1],
    ['one that came late', 'a b c d', 'b c d a', 3],
    ['a repetition that breaks off', 'a b c d e', 'a b c d b e', 2],
    ['a repetition that breaks off at the end', 'a b c d', 'a b c d a', 3],
    ['a repetition with a record left out', 'a b c d e', 'a b c d b d e', 1],
  ])('finds disorder: %s', (_what, source, target, reordered) => {
    expect(judgePartition(evidence(source, target))).toMatchObject({ lost: 0, altered: 0, reordered })
  })

  it('explains as many copies as there were redeliveries, and no more', () => {
    const twice = 'a b c b c d'
    const explained = { redelivered: [range(1, 3)] }
    expect(judgePartition(evidence('a b c d', twice))).toMatchObject({
      ...CLEAN,
      duplicates: { explained: 0, unexplained: 2 },
    })
    expect(judgePartition(evidence('a b c d', twice, explained))).toMatchObject({
      ...CLEAN,
      duplicates: { explained: 2, unexplained: 0 },
    })
    expect(judgePartition(evidence('a b c d', 'a b c b c b c d', explained))).toMatchObject({
      ...CLEAN,
      duplicates: { explained: 2, unexplained: 2 },
    })
    expect(judgePartition(evidence('a b c d', 'a b b c d', { redelivered: [range(2, 4)] }))).toMatchObject({
      ...CLEAN,
      duplicates: { explained: 0, unexplained: 1 },
    })
  })

  it('tells a repetition among twins by where the redelivery began', () => {
    const redelivered = [range(2, 5)]
    expect(judgePartition(evidence('x x x x x b', 'x x x x x x x x b', { redelivered }))).toMatchObject({
      ...CLEAN,
      duplicates: { explained: 3, unexplained: 0 },
    })
  })

  it('tells a repetition among nothing but twins the same way', () => {
    const redelivered = [range(1, 4)]
    expect(judgePartition(evidence('x x x x x', 'x x x x x x x x', { redelivered }))).toMatchObject({
      duplicates: { explained: 3, unexplained: 0 },
    })
  })

  it('calls a record that shares nothing with the missing one a stranger', () => {
    expect(judgePartition(evidence('a b c', 'a z c'))).toMatchObject({ ...CLEAN, lost: 1, phantom: 1 })
  })

  it('finds a record that is nobody’s', () => {
    const verdict = judgePartition(evidence('a b', 'a z b'))
    expect(verdict).toMatchObject({ ...CLEAN, phantom: 1 })
    expect(verdict.firstOffences).toMatchObject([{ kind: 'phantom', targetOffset: 1n }])
  })

  it.each(['aborted', 'pending'] as const)('keeps %s records apart where the poller reads committed', (visibility) => {
    const source = logOf(['a', { word: 'b', offset: 1, visibility }, 'c'])
    expect(judgePartition({ ...evidence('', 'a c'), source })).toMatchObject({ ...CLEAN, records: 2 })
    const verdict = judgePartition({ ...evidence('', 'a b c'), source })
    expect(verdict).toMatchObject({ ...CLEAN, aborted: 1 })
    expect(verdict.firstOffences).toMatchObject([{ kind: 'aborted', targetOffset: 1n }])
  })

  it('counts aborted records, and expects them, where the poller reads uncommitted', () => {
    const source = logOf(['a', { word: 'b', offset: 1, visibility: 'aborted' }, 'c'])
    const uncommitted = { isolation: 'uncommitted' as const }
    const verdict = judgePartition({ ...evidence('', 'a b c', uncommitted), source })
    expect(verdict).toMatchObject({ ...CLEAN, records: 3, aborted: 1, firstOffences: [] })
    expect(judgePartition({ ...evidence('', 'a c', uncommitted), source })).toMatchObject({ lost: 1, aborted: 0 })
  })

  it('counts every record once, whatever batches came twice', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 30 })
    const cuts = fc.array(fc.nat(), { maxLength: 4 })
    fc.assert(
      fc.property(words, cuts, (sent, seeds) => {
        const redelivered = seeds.map((seed) => range(seed % sent.length, sent.length))
        const arrived = [...sent, ...redelivered.flatMap(({ from }) => sent.slice(Number(from)))]
        const verdict = judgePartition({
          ...evidence('', '', { redelivered }),
          source: logOf(sent),
          target: logOf(arrived),
        })
        expect(verdict).toMatchObject({ lost: 0, altered: 0, phantom: 0 })
        expect(verdict.duplicates.explained + verdict.duplicates.unexplained).toBe(arrived.length - sent.length)
      }),
    )
  })

  it('finds whatever one record was taken away, put in, or changed', () => {
    const size = fc.integer({ min: 2, max: 40 })
    fc.assert(
      fc.property(
        size,
        fc.nat(),
        fc.constantFrom('lost', 'phantom', 'altered', 'unexplained duplicate'),
        (count, seed, kind) => {
          const sent = Array.from({ length: count }, (_, at) => `r${at}`)
          const at = seed % count
          const own = { value: Buffer.from('changed') }
          const entries = sent.flatMap((word, index): (string | { word: string; own: object })[] => {
            if (index !== at) return [word]
            if (kind === 'lost') return []
            if (kind === 'altered') return [{ word, own }]
            return kind === 'phantom' ? [word, 'stranger'] : [word, word]
          })
          const target = logOf(
            entries.map((entry, offset) =>
              typeof entry === 'string' ? { word: entry, offset } : { ...entry, offset },
            ),
          )
          const { firstOffences } = judgePartition({ ...evidence('', ''), source: logOf(sent), target })
          expect(firstOffences.map((offence) => offence.kind)).toEqual([kind])
        },
      ),
    )
  })

  it('adds up, and names places without payloads', () => {
    const one = judgePartition(evidence('a b c', 'a c'))
    const sum = total([one, judgePartition(evidence('a', 'a a'))])
    expect(sum).toMatchObject({ records: 4, lost: 1, duplicates: { explained: 0, unexplained: 1 } })
    expect(sum.firstOffences.map(describeOffence)).toEqual([
      'lost: orders-0 source offset 1: neither on the target nor in a gap',
      'unexplained duplicate: orders-0 source offset 0 target offset 0: more copies than deliveries',
    ])
  })
})
