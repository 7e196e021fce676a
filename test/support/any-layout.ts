import * as fc from 'fast-check'
import type { Layout, PlacedPartition } from '../../shared/domain/racks/cluster-layout.ts'

export interface AnyCluster {
  readonly layout: Layout
  readonly minInSync: ReadonlyMap<string, number>
}

const RACKS = ['a', 'b', 'c', 'd']

const anyPartition = (nodes: readonly number[], partition: number): fc.Arbitrary<PlacedPartition> =>
  fc
    .record({
      replicas: fc.subarray([...nodes], { minLength: 1 }),
      behind: fc.subarray([...nodes], { maxLength: 1 }),
      hasLeader: fc.boolean().map((one) => one || partition % 2 === 0),
    })
    .map(({ replicas, behind, hasLeader }) => {
      const inSync = replicas.filter((node) => !behind.includes(node))
      const leader = hasLeader ? inSync.at(0) : undefined
      return { topic: `topic-${partition}`, partition: 0, ...(leader !== undefined && { leader }), replicas, inSync }
    })

/** Clusters of which everything is told: brokers in racks, some replicas behind, some partitions without a leader. */
export const anyCluster: fc.Arbitrary<AnyCluster> = fc
  .record({
    racks: fc.array(fc.constantFrom(...RACKS), { minLength: 1, maxLength: 7 }),
    voters: fc.integer({ min: 1, max: 5 }),
    silent: fc.nat({ max: 7 }),
    minInSync: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }),
  })
  .chain(({ racks, voters, silent, minInSync }) => {
    const nodes = racks.map((_, node) => node)
    return fc.tuple(...minInSync.map((_, partition) => anyPartition(nodes, partition))).map((partitions) => ({
      layout: {
        brokers: racks.map((rack, node) => ({ node, rack })),
        partitions,
        undescribed: [],
        quorum: {
          kind: 'told' as const,
          voters: nodes.slice(0, voters).map((node) => ({ node, follows: node !== silent })),
        },
      },
      minInSync: new Map(minInSync.map((count, partition) => [`topic-${partition}`, count])),
    }))
  })
