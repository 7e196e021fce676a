import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Slot } from '../../support/partition-history.ts'
import { PartitionPoller } from '../../support/partition-poller.ts'
import { polled } from '../../support/polled.ts'

// Apache Kafka's tests of MirrorMaker 2 by their names; the sentence says what that one asserts, the test what holds here.

const NO_ACCIDENT = { kind: 'none' } as const
const ORDERS = { topic: 'orders', partition: 0 }

const anyBatch = fc.record({
  count: fc.integer({ min: 1, max: 60 }),
  accident: fc.oneof(
    fc.constant(NO_ACCIDENT),
    fc.record({
      kind: fc.constant('killed' as const),
      at: fc.integer({ min: 2, max: 7 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  ),
})

const data = (count: number): Slot[] => Array.from({ length: count }, () => 'data')

/** A partition of which retention has left what begins at `sourceStart`, and whose replica begins at `targetStart`. */
const partitionFrom = async (sourceStart: number, targetStart: number, slots: readonly Slot[]) => {
  const poller = new PartitionPoller()
  for (let at = 0; at < targetStart; at++) poller.world.target.writeForeign('orders', 0, polled(at, 'foreign'))
  await poller.play({ kind: 'produce', slots: [...data(sourceStart), ...slots] })
  poller.world.retain(sourceStart)
  return poller
}

const deliver = (poller: PartitionPoller, count: number) =>
  poller.play({ kind: 'deliver', count, accident: NO_ACCIDENT })

/** Offsets of which a position is not the very copy of the first record to read. */
const inexact = async ({ world }: PartitionPoller): Promise<bigint[]> => {
  const copies = [...world.mapped.copies]
  const wrong: bigint[] = []
  for (let committed = BigInt(world.mapped.start); committed <= (world.head?.nextSource ?? 0n); committed++) {
    const expected = copies.find(([source]) => source >= committed)?.[1] ?? world.head?.nextTarget
    const position = await world.translate(committed)
    if (position.kind !== 'exact' || position.target !== expected) wrong.push(committed)
  }
  return wrong
}

describe('OffsetSyncStoreTest', () => {
  describe('testOffsetTranslation: 100 became 200, so 150 resumes at 201, a sync at the very offset is exact, before the first there is none', () => {
    it('every offset between two batches is exact, not only where a batch begins', async () => {
      const poller = await partitionFrom(100, 200, data(100))
      await deliver(poller, 50)
      expect(await poller.world.translate(149n)).toEqual({ kind: 'exact', target: 249n })
      expect(await poller.world.translate(160n)).toEqual({ kind: 'ahead', target: 250n, by: 10n })
      await deliver(poller, 50)
      expect(await poller.world.translate(150n)).toEqual({ kind: 'exact', target: 250n })
      expect(await poller.world.translate(160n)).toEqual({ kind: 'exact', target: 260n })
    })

    it('before the first record, the first one is the answer, and how many are missing', async () => {
      const poller = await partitionFrom(100, 200, data(10))
      await deliver(poller, 10)
      expect(await poller.world.translate(5n)).toEqual({ kind: 'before-start', target: 200n, missing: 95n })
    })

    it('a target that begins anew is not followed backwards: the partition stops, and positions stay', async () => {
      const poller = await partitionFrom(100, 200, data(20))
      await deliver(poller, 10)
      poller.world.target.createTopic('orders', 1)
      await deliver(poller, 10)
      expect(poller.world.head).toMatchObject({ nextSource: 110n, rewoundTo: 0n })
      expect(await poller.world.translate(105n)).toEqual({ kind: 'exact', target: 205n })
    })

    it('a source that begins anew is another life, to which no position of the first one leads', async () => {
      const poller = await partitionFrom(100, 200, data(20))
      await deliver(poller, 20)
      await poller.play({ kind: 'recreate', slots: data(30), positionStays: false })
      await deliver(poller, 30)
      expect(poller.world.head?.nextSource).toBe(120n)
      await poller.play({ kind: 'adopt' })
      await deliver(poller, 30)
      expect(await poller.world.translate(20n, 'life-2')).toEqual({ kind: 'exact', target: 240n })
      expect(await poller.world.translate(110n, 'life-1')).toEqual({ kind: 'unmapped' })
    })
  })

  it('testNoTranslationIfNoOffsetSync: none without a sync; here nothing is guessed either', async () => {
    const poller = await partitionFrom(0, 0, data(5))
    expect(await poller.world.translate(3n)).toEqual({ kind: 'unmapped' })
  })

  it.each([
    ['testPastOffsetTranslation: the further behind, the rarer the syncs', 0],
    ['testPastOffsetTranslationWithoutInitializationReadToEnd: none before the first sync of this process', 5],
  ])('%s; here every past offset is exact, whichever process asks', async (_name, forgetEvery) => {
    const slots = Array.from({ length: 3_000 }, (_, at): Slot => (at % 7 === 6 ? 'marker' : 'data'))
    const poller = await partitionFrom(0, 9, slots)
    for (let batch = 1; batch <= 100; batch++) {
      await deliver(poller, 40)
      if (forgetEvery > 0 && batch % forgetEvery === 0) await poller.play({ kind: 'seek', by: -60 })
    }
    expect(poller.world.head?.nextSource).toBe(3_000n)
    expect(poller.world.state.pages(ORDERS, 'life-1').length).toBeGreaterThan(0)
    expect(await inexact(poller)).toEqual([])
  })

  describe('testConsistentlySpacedSyncs, testRandomlySpacedSyncs, testDroppedSyncsSpacing: distances between syncs are bounded', () => {
    it.each([1, 10, 99])('in batches of %i no offset is inexact', async (count) => {
      const poller = await partitionFrom(0, 0, data(300))
      for (let batch = 0; batch < 300 / count; batch++) await deliver(poller, count)
      expect(poller.world.head?.nextSource).toBe(300n)
      expect(await inexact(poller)).toEqual([])
    })

    it('in batches of any size, whatever is dropped before or after it is appended, none is', () =>
      fc.assert(
        fc.asyncProperty(fc.array(anyBatch, { maxLength: 30 }), async (batches) => {
          const poller = await partitionFrom(3, 5, data(300))
          for (const { count, accident } of batches) await poller.play({ kind: 'deliver', count, accident })
          expect(poller.world.mapped.copies.size === 0 ? [] : await inexact(poller)).toEqual([])
        }),
      ))
  })
})
