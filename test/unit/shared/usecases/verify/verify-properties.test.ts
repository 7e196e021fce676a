import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sourceEnd } from '../../../../../shared/domain/run.ts'
import type { LogRead } from '../../../../../shared/usecases/log-ports.ts'
import { mapRuns } from '../../../../../shared/usecases/offset-map/map-runs.ts'
import { inTime } from '../../../../support/in-time.ts'
import { VerifiedPartition, worded } from '../../../../support/verified-partition.ts'

type Act =
  | { readonly kind: 'produce'; readonly count: number }
  | { readonly kind: 'transaction'; readonly end: 'commit' | 'abort'; readonly count: number }
  | { readonly kind: 'replicate' | 'crash' | 'late copy' }
  | { readonly kind: 'compact'; readonly at: number }

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('produce' as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({
      kind: fc.constant('transaction' as const),
      end: fc.constantFrom('commit' as const, 'abort' as const),
      count: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({ kind: fc.constantFrom('replicate' as const, 'crash' as const, 'late copy' as const) }),
    fc.record({ kind: fc.constant('compact' as const), at: fc.nat() }),
  ),
  { minLength: 1, maxLength: 25 },
)

/** What happens to a partition that is replicated as it should be, whatever else goes wrong. */
const live = async (history: readonly Act[]): Promise<VerifiedPartition> => {
  const partition = new VerifiedPartition()
  let words = 0
  const some = (count: number) => Array.from({ length: count }, () => worded(`word ${words++}`))
  for (const act of [...history, { kind: 'replicate' } as const]) await apply(act, partition, some)
  return partition
}

const apply = async (
  act: Act,
  partition: VerifiedPartition,
  some: (count: number) => ReturnType<typeof worded>[],
): Promise<void> => {
  const { source, target, onSource, onTarget } = partition
  const replicatedUpTo = partition.head?.nextTarget ?? 0n
  if (act.kind === 'produce') source.append(onSource, ...some(act.count))
  else if (act.kind === 'transaction') source.appendTransaction(onSource, act.end, ...some(act.count))
  else if (act.kind === 'compact') compact(partition, BigInt(act.at % 60))
  else if (act.kind !== 'late copy') await partition.replicate({ crash: act.kind === 'crash' })
  else if (replicatedUpTo > 0n) {
    const limits = { maxBytes: 1, isolation: 'committed' } as const
    const read = await target.read(onTarget, replicatedUpTo - 1n, limits)
    if (read.kind === 'read') target.append(onTarget, ...read.records.slice(0, 1).map(({ offset: _, ...copy }) => copy))
  }
}

/** Brokers never compact what was written last, and so nothing that a crash has left behind the checkpoint. */
const compact = ({ source, onSource, head, crashed }: VerifiedPartition, offset: bigint): void => {
  if (!crashed || offset < (head?.nextSource ?? 0n)) source.compactAway(onSource, offset)
}

const coveredTargets = async (partition: VerifiedPartition): Promise<bigint[]> => {
  const { head, state, onSource } = partition
  const covered: bigint[] = []
  if (head === undefined) return covered
  for await (const run of mapRuns({ partition: onSource, head, pages: state }, 0n, inTime()))
    for (let at = run.source; at < sourceEnd(run); at++) covered.push(run.target + (at - run.source))
  return covered
}

/** Where the record of `victim` was left once more, by crashes and late copies. */
const otherCopies = async ({ target, onTarget }: VerifiedPartition, victim: bigint, covered: readonly bigint[]) => {
  const at = (offset: bigint) => target.read(onTarget, offset, { maxBytes: 1, isolation: 'committed' })
  const wordAt = (read: LogRead, offset: bigint): string | undefined =>
    read.kind === 'read' ? read.records.find((record) => record.offset === offset)?.value?.toString() : undefined
  const word = wordAt(await at(victim), victim)
  const copies: bigint[] = []
  for (let [offset, read] = [0n, await at(0n)]; read.kind === 'read'; read = await at(++offset))
    if (!covered.includes(offset) && wordAt(read, offset) === word) copies.push(offset)
  return copies
}

/** Of the record at target offset 6, which its source has lost, there are two more copies. */
const COPIED_TWICE: Act[] = [
  { kind: 'transaction', end: 'commit', count: 3 },
  { kind: 'produce', count: 4 },
  { kind: 'replicate' },
  { kind: 'compact', at: 7 },
  { kind: 'late copy' },
  { kind: 'late copy' },
]

/** Below source offset 3 lies a copy of its record that a crash left; compaction has left that record on the target alone. */
const CUT_BEFORE_ITS_RECORD: Act[] = [
  { kind: 'transaction', end: 'commit', count: 1 },
  { kind: 'replicate' },
  { kind: 'produce', count: 2 },
  { kind: 'crash' },
  { kind: 'replicate' },
  { kind: 'compact', at: 3 },
  { kind: 'produce', count: 1 },
]

describe('whatever happened to a partition', () => {
  it('a replica that was made as it should be shows no difference, in one go or in pieces', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.nat({ max: 80 }), async (history, cut) => {
        const partition = await live(history)
        const whole = await partition.verify()
        expect(whole.findings).toEqual([])
        const [one, other] = [
          await partition.verify({ to: BigInt(cut) }),
          await partition.verify({ from: BigInt(cut) }),
        ]
        expect([one.findings, other.findings]).toEqual([[], []])
        expect(one.counts.verified + other.counts.verified).toBe(whole.counts.verified)
        expect(one.counts.duplicates + other.counts.duplicates).toBe(whole.counts.duplicates)
        expect(partition.head?.unverifiedFrom).toBeUndefined()
      }),
      { numRuns: 300, examples: [[CUT_BEFORE_ITS_RECORD, 3]] },
    )
  })

  it('a record that is changed or gone is found where it is, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.nat(), fc.boolean(), async (history, choice, gone) => {
        const partition = await live(history)
        const covered = await coveredTargets(partition)
        const sound = await partition.verify()
        const victim = covered[choice % Math.max(1, covered.length)]
        fc.pre(victim !== undefined)
        const copies = await otherCopies(partition, victim, covered)
        if (gone) partition.target.compactAway(partition.onTarget, victim)
        else partition.target.replace(partition.onTarget, victim, (record) => ({ ...record, key: null }))
        const { counts, findings } = await partition.verify()
        // Compaction may have left the source without it: then there is nothing to compare, though copies of it may look foreign.
        const isCompared = counts.verified < sound.counts.verified
        if (isCompared) expect(findings).toEqual([expect.objectContaining({ target: victim })])
        else
          for (const { kind, target } of findings)
            expect([kind, copies]).toEqual(['foreign', expect.arrayContaining([target])])
      }),
      { numRuns: 300, examples: [[COPIED_TWICE, 6, false]] },
    )
  })

  it('a foreign record is found, wherever it was written', async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, async (before, after) => {
        const partition = new VerifiedPartition()
        let words = 0
        const some = (count: number) => Array.from({ length: count }, () => worded(`word ${words++}`))
        partition.produce('the first')
        await partition.replicate()
        for (const act of before) await apply(act, partition, some)
        const target = partition.target.append(partition.onTarget, worded('foreign'))
        for (const act of [...after, { kind: 'replicate' } as const]) await apply(act, partition, some)
        const { findings } = await partition.verify()
        expect(findings).toEqual([{ kind: 'foreign', target }])
      }),
      { numRuns: 300 },
    )
  })
})
