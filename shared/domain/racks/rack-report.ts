import type { Layout, PlacedPartition } from './cluster-layout.ts'
import { judgePartition, type Surroundings, type UnsafePartition } from './partition-verdict.ts'
import { judgeQuorum, type QuorumVerdict } from './quorum-verdict.ts'

/** What losing one rack does. */
export interface RackLoss {
  readonly rack: string
  /** Those that are up. */
  readonly brokers: number
  /** Partitions that would not go on without it. */
  readonly partitions: number
  readonly endsQuorum: boolean
}

/** Whether a cluster survives the loss of any one rack. */
export interface RackReport {
  /** `unknown`: nothing is unsafe as far as it can be told, and it cannot be told of everything. */
  readonly verdict: 'safe' | 'unsafe' | 'unknown'
  readonly racks: readonly RackLoss[]
  readonly partitions: number
  readonly unsafePartitions: number
  /** Of which it depends on what nobody tells. */
  readonly unknownPartitions: number
  /** The first of them. */
  readonly unsafe: readonly UnsafePartition[]
  readonly quorum: QuorumVerdict
  /** Why something could not be told. */
  readonly troubles: readonly string[]
}

/** What is known besides the layout. */
export interface RackFacts {
  /** `min.insync.replicas` by topic; a topic that does not tell it is absent. */
  readonly minInSync: ReadonlyMap<string, number>
  /** Racks of controllers that are no brokers, by node. */
  readonly controllerRacks: ReadonlyMap<number, string>
}

/** An answer of a function ends at 6 MB. */
const MOST_NAMED = 1_000
const NO_PARTITIONS = 'the login may describe no topic, or there is none'
const NO_RACKS = 'no broker has a rack (broker.rack), so nobody can tell what would be lost with one'

/** Judges every partition and the quorum of the controllers. */
export const reportRacks = (layout: Layout, facts: RackFacts): RackReport => {
  const brokers = new Map(layout.brokers.map((broker) => [broker.node, broker]))
  const quorum = judgeQuorum(layout.quorum, (node) => brokers.get(node)?.rack ?? facts.controllerRacks.get(node))
  const racks = [...new Set(layout.brokers.flatMap(({ rack }) => rack ?? []))].sort()
  const endQuorum = new Set(racks.filter((rack) => endsQuorum(quorum, rack)))
  const judged = judgeAll(layout.partitions, facts, { brokers, endQuorum }, racks.length > 0)
  return {
    verdict: verdictOf(judged, layout, quorum),
    racks: racks.map((rack) => ({
      rack,
      brokers: layout.brokers.filter((broker) => broker.rack === rack).length,
      partitions: judged.unsafe.filter((partition) => partition.racks.includes(rack)).length,
      endsQuorum: endQuorum.has(rack),
    })),
    partitions: layout.partitions.length,
    unsafePartitions: judged.unsafe.length,
    unknownPartitions: judged.unknown,
    unsafe: judged.unsafe.slice(0, MOST_NAMED),
    quorum,
    troubles: [
      ...(racks.length > 0 ? [] : [NO_RACKS]),
      ...(layout.partitions.length > 0 ? [] : [NO_PARTITIONS]),
      ...layout.undescribed,
    ],
  }
}

/** Where no majority follows already, there is no quorum without that rack either. */
const endsQuorum = (quorum: QuorumVerdict, rack: string): boolean =>
  quorum.kind === 'unsafe' && (quorum.following < quorum.needed || quorum.racks.includes(rack))

interface Judged {
  readonly unsafe: readonly UnsafePartition[]
  readonly unknown: number
}

const judgeAll = (
  partitions: readonly PlacedPartition[],
  { minInSync }: RackFacts,
  surroundings: Surroundings,
  hasRacks: boolean,
): Judged => {
  if (!hasRacks) return { unsafe: [], unknown: partitions.length }
  const verdicts = partitions.map((partition) =>
    judgePartition(partition, minInSync.get(partition.topic), surroundings),
  )
  const unsafe = verdicts.flatMap((verdict) => {
    if (verdict.kind !== 'unsafe') return []
    const { kind: _, ...partition } = verdict
    return [partition]
  })
  return { unsafe, unknown: verdicts.filter(({ kind }) => kind === 'unknown').length }
}

/** Clusters of which others run the controllers do not tell them: that alone makes nothing doubtful. */
const verdictOf = (
  { unsafe, unknown }: Judged,
  { partitions, undescribed }: Layout,
  quorum: QuorumVerdict,
): RackReport['verdict'] => {
  if (unsafe.length > 0 || quorum.kind === 'unsafe') return 'unsafe'
  return unknown > 0 || partitions.length === 0 || undescribed.length > 0 ? 'unknown' : 'safe'
}
