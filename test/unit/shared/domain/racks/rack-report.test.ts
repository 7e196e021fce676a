import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Layout, PlacedPartition } from '../../../../../shared/domain/racks/cluster-layout.ts'
import { reportRacks } from '../../../../../shared/domain/racks/rack-report.ts'
import { type AnyCluster, anyCluster } from '../../../../support/any-layout.ts'

const partition = (inSync: readonly number[], more: Partial<PlacedPartition> = {}): PlacedPartition => {
  const leader = inSync.at(0)
  return {
    topic: 'orders',
    partition: 0,
    ...(leader !== undefined && { leader }),
    replicas: [1, 2, 3],
    inSync,
    ...more,
  }
}

const threeZones = (partitions: readonly PlacedPartition[], more: Partial<Layout> = {}): Layout => ({
  brokers: ['a', 'b', 'c'].map((rack, index) => ({ node: index + 1, rack })),
  partitions,
  undescribed: [],
  quorum: { kind: 'told', voters: [1, 2, 3].map((node) => ({ node, follows: true })) },
  ...more,
})

const reportOf = (layout: Layout, minInSync = 2, controllerRacks: ReadonlyMap<number, string> = new Map()) =>
  reportRacks(layout, { minInSync: new Map([['orders', minInSync]]), controllerRacks })

describe('a report on racks', () => {
  it('is safe when every partition and the quorum go on without any one rack', () => {
    expect(reportOf(threeZones([partition([1, 2, 3])]))).toMatchObject({
      verdict: 'safe',
      racks: [
        { rack: 'a', brokers: 1, partitions: 0, endsQuorum: false },
        { rack: 'b', brokers: 1, partitions: 0, endsQuorum: false },
        { rack: 'c', brokers: 1, partitions: 0, endsQuorum: false },
      ],
      unsafe: [],
      quorum: { kind: 'safe', voters: 3, following: 3, needed: 2 },
    })
  })

  it.each([
    ['no leader', partition([], {}), 2, { fault: 'no-leader', inSync: 0, racks: [] }],
    ['a leader that is not up', partition([1, 2], { leader: 9 }), 1, { fault: 'no-leader', racks: [] }],
    ['too few in sync already', partition([1]), 2, { fault: 'too-few-in-sync', inSync: 1, needed: 2 }],
    ['one replica', partition([2], { replicas: [2] }), 2, { fault: 'one-rack', needed: 1, racks: ['b'] }],
    ['one replica that keeps up', partition([3]), 1, { fault: 'one-rack', racks: ['c'] }],
    ['too few left', partition([1, 3]), 2, { fault: 'too-few-left', racks: ['a', 'c'] }],
    ['an in-sync replica that is not up', partition([1, 3, 9]), 2, { fault: 'too-few-left', inSync: 2 }],
    ['more asked for than there are replicas', partition([1, 2, 3]), 5, { fault: 'too-few-left', needed: 3 }],
  ])('names a partition with %s', (_what, broken, minInSync, expected) => {
    const report = reportOf(threeZones([broken]), minInSync)
    expect(report).toMatchObject({ verdict: 'unsafe', unsafePartitions: 1 })
    expect(report.unsafe).toMatchObject([{ topic: 'orders', partition: 0, ...expected }])
  })

  it('counts a partition without a quorum only where it would lose a replica', () => {
    const voters = [1, 1, 3].map((node) => ({ node, follows: true }))
    const layout = threeZones([partition([1, 2, 3]), partition([2, 3], { partition: 1 })], {
      quorum: { kind: 'told', voters },
    })
    const report = reportOf(layout, 1)
    expect(report.quorum).toEqual({ kind: 'unsafe', voters: 3, following: 3, needed: 2, racks: ['a'], rackOf: [] })
    expect(report.unsafe).toMatchObject([{ partition: 0, fault: 'no-quorum', racks: ['a'] }])
    expect(report.racks[0]).toEqual({ rack: 'a', brokers: 1, partitions: 1, endsQuorum: true })
  })

  it('counts voters that do not follow for the majority, and not as left', () => {
    const voters = [1, 2, 3].map((node) => ({ node, follows: node !== 3 }))
    const { quorum, verdict } = reportOf(threeZones([], { quorum: { kind: 'told', voters } }))
    expect(verdict).toBe('unsafe')
    expect(quorum).toMatchObject({ kind: 'unsafe', following: 2, needed: 2, racks: ['a', 'b'] })
  })

  it('does not call a cluster safe whose brokers have no racks', () => {
    const report = reportOf(threeZones([partition([1, 2, 3])], { brokers: [1, 2, 3].map((node) => ({ node })) }))
    expect(report).toMatchObject({ verdict: 'unknown', racks: [], unknownPartitions: 1, quorum: { kind: 'unknown' } })
    expect(report.troubles).toEqual([expect.stringContaining('broker.rack')])
  })

  it('does not call a cluster unsafe either that was never meant to have racks', () => {
    const brokers = [1, 2, 3].map((node) => ({ node }))
    const one = { kind: 'untold', because: 'ZooKeeper' } as const
    const report = reportOf(threeZones([partition([1], { replicas: [1] })], { brokers, quorum: one }))
    expect(report).toMatchObject({ verdict: 'unknown', unsafePartitions: 0 })
  })

  it('does not call a rack one that nobody tells', () => {
    const brokers = [{ node: 1, rack: 'a' }, { node: 2 }, { node: 3 }]
    const { unsafe } = reportOf(threeZones([partition([2, 3])], { brokers }))
    expect(unsafe).toMatchObject([{ fault: 'too-few-left', racks: [], rackOf: [2, 3] }])
  })

  it('does not guess where a broker without a rack stands', () => {
    const brokers = [{ node: 1, rack: 'a' }, { node: 2, rack: 'b' }, { node: 3 }]
    expect(reportOf(threeZones([partition([1, 2, 3])], { brokers }))).toMatchObject({
      verdict: 'unknown',
      unknownPartitions: 1,
    })
    expect(reportOf(threeZones([partition([1, 3])], { brokers })).unsafe).toMatchObject([{ racks: ['a'], rackOf: [3] }])
  })

  it('does not call a partition safe whose settings nobody tells', () => {
    const layout = threeZones([partition([1, 2, 3], { topic: 'silent' }), partition([1], { topic: 'silent' })])
    expect(reportOf(layout)).toMatchObject({ unknownPartitions: 1, unsafe: [{ fault: 'one-rack', needed: 1 }] })
  })

  it('takes the racks of controllers that are no brokers from whoever knows them', () => {
    const voters = [101, 102, 103].map((node) => ({ node, follows: true }))
    const layout = threeZones([partition([1, 2, 3])], { quorum: { kind: 'told', voters } })
    expect(reportOf(layout)).toMatchObject({ verdict: 'safe', quorum: { kind: 'unknown' } })
    const spread = new Map([101, 102, 103].map((node, index) => [node, 'abc'.charAt(index)]))
    expect(reportOf(layout, 2, spread).quorum.kind).toBe('safe')
    const together = new Map([101, 102, 103].map((node) => [node, 'a']))
    expect(reportOf(layout, 2, together).quorum).toMatchObject({ kind: 'unsafe', racks: ['a'] })
  })

  it('says what could not be told', () => {
    const untold = { kind: 'untold', because: 'nobody answers' } as const
    const seen = [partition([1, 2, 3])]
    const report = reportOf(threeZones(seen, { undescribed: ['paris does not describe x'], quorum: untold }))
    expect(report).toMatchObject({
      verdict: 'unknown',
      quorum: { kind: 'unknown', because: 'nobody answers' },
      troubles: ['paris does not describe x'],
    })
  })

  it('names at most a thousand partitions and counts them all', () => {
    const many = Array.from({ length: 1_500 }, (_, number) => partition([1], { partition: number }))
    const report = reportOf(threeZones(many))
    expect([report.unsafe.length, report.unsafePartitions, report.racks[0]?.partitions]).toEqual([1_000, 1_500, 1_500])
  })

  it('agrees with what is left when every rack is really lost in turn', () => {
    fc.assert(
      fc.property(anyCluster, (cluster) => {
        const { racks, unsafe } = reportRacks(cluster.layout, { ...cluster, controllerRacks: new Map() })
        for (const { rack, endsQuorum, partitions } of racks) {
          const left = lose(cluster, rack)
          expect(endsQuorum).toBe(!left.hasQuorum)
          expect(left.stopped.filter((topic) => !left.stoppedBefore.includes(topic))).toEqual(
            unsafe
              .filter((one) => one.racks.includes(rack) && !left.stoppedBefore.includes(one.topic))
              .map(({ topic }) => topic),
          )
          expect(partitions).toBe(unsafe.filter((one) => one.racks.includes(rack)).length)
        }
        const [first] = racks
        const stoppedBefore = first === undefined ? [] : lose(cluster, first.rack).stoppedBefore
        const fatal = new Set(racks.flatMap(({ rack }) => [...lose(cluster, rack).stopped, ...stoppedBefore]))
        expect(new Set(unsafe.map(({ topic }) => topic))).toEqual(fatal)
      }),
      { numRuns: 500 },
    )
  })
})

/** What happens step by step when a rack is lost: leaders move and the lost are given up, where there is a quorum for it. */
const lose = ({ layout, minInSync }: AnyCluster, rack: string) => {
  const lost = new Set(layout.brokers.filter((broker) => broker.rack === rack).map(({ node }) => node))
  const voters = layout.quorum.kind === 'told' ? layout.quorum.voters : []
  const voting = voters.filter(({ node, follows }) => follows && !lost.has(node)).length
  const hasQuorum = voting * 2 > voters.length
  const takes = ({ leader, inSync, replicas, topic }: PlacedPartition): boolean =>
    leader !== undefined && inSync.length >= Math.min(minInSync.get(topic) ?? 1, replicas.length)
  const after = (before: PlacedPartition): PlacedPartition | undefined => {
    const inSync = before.inSync.filter((node) => !lost.has(node))
    if (inSync.length === before.inSync.length) return before
    if (!hasQuorum || before.leader === undefined) return undefined // its leader is gone, or waits for the lost
    const { leader: _, ...rest } = before
    const [next] = inSync
    return { ...rest, inSync, ...(next !== undefined && { leader: lost.has(before.leader) ? next : before.leader }) }
  }
  const goesOn = (before: PlacedPartition): boolean => {
    const then = after(before)
    return then !== undefined && takes(then)
  }
  const topicsOf = (partitions: readonly PlacedPartition[]): string[] => partitions.map(({ topic }) => topic)
  return {
    hasQuorum,
    stopped: topicsOf(layout.partitions.filter((one) => !goesOn(one))),
    stoppedBefore: topicsOf(layout.partitions.filter((one) => !takes(one))),
  }
}
