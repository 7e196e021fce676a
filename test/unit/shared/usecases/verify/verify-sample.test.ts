import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { PartitionId } from '../../../../../shared/domain/record.ts'
import { chooseSamples, SAMPLE_OFFSETS } from '../../../../../shared/domain/verify/sample-choice.ts'
import {
  planVerification,
  type VerifyPlanDeps,
  type VerifyScope,
} from '../../../../../shared/usecases/verify/plan-verification.ts'
import { verifySample } from '../../../../../shared/usecases/verify/verify-sample.ts'
import { inTime } from '../../../../support/in-time.ts'
import { FIRST_HEAD, VerifiedPartition, worded } from '../../../../support/verified-partition.ts'

const depsOf = (
  { source, state, onSource }: VerifiedPartition,
  { random = 0, others = [] as readonly PartitionId[] } = {},
): VerifyPlanDeps => ({
  source,
  state,
  partitions: async () => [onSource, ...others],
  random: () => random,
})

const plan = (scope: VerifyScope, partition: VerifiedPartition, topic?: string, how = {}) =>
  planVerification(scope, topic, inTime(), depsOf(partition, how))

const filled = async (count: number): Promise<VerifiedPartition> => {
  const partition = new VerifiedPartition()
  partition.source.append(
    partition.onSource,
    ...Array.from({ length: count }, (_, at) => worded(`${at}`, { timestamp: at })),
  )
  await partition.replicate()
  return partition
}

const RANGE = { topic: 'orders', partition: 0 }

describe('what is to be verified', () => {
  it('is everything that is there, up to the checkpoint', async () => {
    const partition = await filled(30)
    partition.produce('not replicated yet')
    partition.source.deleteBelow(partition.onSource, 4n)
    expect(await plan({ kind: 'all' }, partition)).toEqual({ ranges: [{ ...RANGE, from: 4n, to: 30n }], troubles: [] })
  })

  it('begins with holes that nobody has read, also where the log does not reach any more', async () => {
    const partition = new VerifiedPartition()
    partition.source.appendMarker(partition.onSource)
    partition.produce('a', 'b')
    await partition.replicate()
    partition.source.deleteBelow(partition.onSource, 2n)
    const holes = { ...RANGE, from: 0n, to: 3n, holesOnly: true }
    expect((await plan({ kind: 'all' }, partition)).ranges).toEqual([{ ...RANGE, from: 0n, to: 3n }])
    expect((await plan({ kind: 'holes' }, partition)).ranges).toEqual([holes])
    expect((await plan({ kind: 'sample', perTopic: 1 }, partition)).ranges).toEqual([
      holes,
      { ...RANGE, from: 2n, to: 3n },
    ])
  })

  it('begins with those holes that retention comes to next', async () => {
    const partition = new VerifiedPartition()
    const others = [1, 2].map((number) => ({ ...RANGE, partition: number }))
    partition.source.createTopic(RANGE.topic, 3)
    for (const [number, start] of [0n, 9n, 5n].entries()) {
      const one = { ...RANGE, partition: number }
      partition.source.append(one, ...Array.from({ length: 20 }, (_, at) => worded(`${at}`)))
      partition.source.deleteBelow(one, start)
      await partition.state.advance(one, undefined, { ...FIRST_HEAD, nextSource: 20n, unverifiedFrom: 10n })
    }
    const { ranges } = await plan({ kind: 'sample', perTopic: 0 }, partition, undefined, { others })
    expect(ranges.map((range) => range.partition)).toEqual([1, 2, 0])
  })

  it('is what was written since a time', async () => {
    const partition = await filled(30)
    expect((await plan({ kind: 'since', timestamp: 17 }, partition)).ranges).toEqual([{ ...RANGE, from: 17n, to: 30n }])
    expect((await plan({ kind: 'since', timestamp: 99 }, partition)).ranges).toEqual([])
  })

  it.each([
    [0, 0n, SAMPLE_OFFSETS],
    [0.5, 600n, 600n + SAMPLE_OFFSETS],
    [0.999999, 1_199n, 1_200n],
  ])('is a sample at random: %d', async (random, from, to) => {
    const partition = await filled(1_200)
    const { ranges } = await plan({ kind: 'sample', perTopic: 2 }, partition, 'orders', { random })
    expect(ranges).toEqual([
      { ...RANGE, from, to },
      { ...RANGE, from, to },
    ])
  })

  it('takes a sample of each topic, of the partition in which it falls', () => {
    const stretches = [
      { ...RANGE, from: 5n, to: 10n },
      { ...RANGE, partition: 1, from: 7n, to: 12n },
      { topic: 'empty', partition: 0, from: 3n, to: 3n },
    ]
    const at = (random: number) => chooseSamples(stretches, 1, () => random)
    expect(at(0.4)).toEqual([{ ...RANGE, from: 9n, to: 10n }])
    expect(at(0.5)).toEqual([{ ...RANGE, partition: 1, from: 7n, to: 12n }])
  })

  it('leaves out what was never replicated, tells of what cannot be read, and knows the topics', async () => {
    const partition = await filled(3)
    const others = [{ topic: 'quiet', partition: 0 }]
    partition.source.createTopic('quiet')
    expect((await plan({ kind: 'all' }, partition, undefined, { others })).ranges).toHaveLength(1)
    await expect(plan({ kind: 'all' }, partition, 'unheard-of')).rejects.toMatchObject({ code: 'TOPIC_UNFOLLOWED' })
    partition.source.reachable = false
    const { ranges, troubles } = await plan({ kind: 'all' }, partition)
    expect([ranges, troubles]).toEqual([[], [expect.stringContaining('SOURCE_UNREACHABLE')]])
  })
})

describe('a sample by schedule', () => {
  const sample = (partition: VerifiedPartition, until = Number.POSITIVE_INFINITY) =>
    verifySample(2, until, inTime(), { ...depsOf(partition), ...partition.deps })

  it('reads holes first, and adds up', async () => {
    const partition = await filled(20)
    partition.source.appendTransaction(partition.onSource, 'commit', worded('last'))
    await partition.replicate()
    partition.produce('after the marker')
    await partition.replicate()
    partition.target.append(partition.onTarget, worded('foreign'))
    const { ranges, left, counts, findings } = await sample(partition)
    expect([ranges, left]).toEqual([3, 0])
    expect(counts.verified).toBe(44)
    expect(findings).toContainEqual({ ...RANGE, kind: 'foreign', target: 22n })
    expect(partition.head?.unverifiedFrom).toBeUndefined()
  })

  it('leaves for another time what there is no time for', async () => {
    const partition = await filled(20)
    expect(await sample(partition, partition.now)).toMatchObject({ ranges: 0, left: 2 })
  })

  it('tells of a range that cannot be read, and goes on', async () => {
    const partition = await filled(20)
    let asked = 0
    const isCompacted = async () => {
      if (asked++ === 0) throw new ReplicationError('TARGET_UNREACHABLE', 'asking')
      return false
    }
    const deps = { ...depsOf(partition), ...partition.deps, isCompacted }
    const { ranges, troubles } = await verifySample(2, Number.POSITIVE_INFINITY, inTime(), deps)
    expect([ranges, troubles]).toEqual([1, [expect.stringContaining('TARGET_UNREACHABLE')]])
  })

  it('fails when nothing can be read, since no difference would be found ever after', async () => {
    const partition = await filled(20)
    partition.target.reachable = false
    await expect(sample(partition)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
  })
})
