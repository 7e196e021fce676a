import { ReplicationError } from '../../domain/errors.ts'
import type { LeftRecords, Residue } from '../../domain/failover/residue.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { inLanes } from '../lanes.ts'
import type { LogEdges } from '../log-ports.ts'
import type { Deadline, LinkSnapshot } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { countRecords } from './counted-rest.ts'
import type { DataDeps } from './data-deps.ts'
import { lookAtCluster, replicasByTopic, type SeenCluster } from './seen-cluster.ts'

type ScanDeps = Pick<DataDeps, 'order' | 'from'> & {
  readonly forward: Pick<DataDeps['forward'], 'topics'> & { readonly state: Pick<DataDeps['forward']['state'], 'read'> }
}

const LANES = 20
/** Of one partition in one look: beyond it, offsets count as records. */
const MOST_READS = 4

/**
 * What lies between checkpoints and the ends of the source: markers and aborted records are nothing that anybody misses,
 * so that lag need not become zero. Ends first, checkpoints after them. Beats of the link's own go on whatever is fenced,
 * and are left out. Throws when the source does not tell of its topics.
 */
export const residualScan = async (deadline: Deadline, deps: ScanDeps): Promise<Residue> => {
  const { order, forward, from } = deps
  const topics = [...(await replicasByTopic(order.forward.order.link, forward.topics, deadline)).keys()]
  const followed = topics.filter((topic) => topic !== HEARTBEAT_TOPIC)
  const seen = await lookAtCluster(followed, (topic) => topic, deadline, { admin: from.topics, log: from.log })
  const snapshot = await forward.state.read(seen.partitions, deadline)
  const left: LeftRecords[] = []
  const open: PartitionId[] = []
  const untold: PartitionId[] = [...hiddenTopics(seen)]
  const reasons = [...seen.hidden.values()]
  await inLanes(seen.partitions, LANES, async (id) => {
    const rest = await restOf(id, seen, snapshot, deadline, deps)
    if (rest instanceof ReplicationError) {
      untold.push(id)
      reasons.push(rest.message)
      return
    }
    if (rest.records > 0) left.push({ ...id, records: rest.records })
    if (rest.isOpen) open.push(id)
  })
  const [because] = reasons
  return { partitions: seen.partitions.length, left, open, untold, ...(because !== undefined && { because }) }
}

/** A topic that cannot be described may have records left in any of its partitions. */
const hiddenTopics = ({ hidden }: SeenCluster): readonly PartitionId[] =>
  [...hidden.keys()].map((topic) => ({ topic, partition: 0 }))

interface FoundRest {
  readonly records: number
  readonly isOpen: boolean
}

const restOf = async (
  id: PartitionId,
  { edges, lives }: SeenCluster,
  snapshot: LinkSnapshot,
  deadline: Deadline,
  { from }: Pick<DataDeps, 'from'>,
): Promise<FoundRest | ReplicationError> => {
  const edge = edges.get(partitionName(id))
  if (edge === undefined || edge instanceof ReplicationError) return edge ?? unasked(id)
  try {
    const begin = beginOf(headIn(snapshot, id), lives.get(id.topic), edge)
    const rest = { from: begin, to: edge.stableEnd, maxReads: MOST_READS }
    const { records, offsets } = await countRecords(id, rest, deadline, from.log)
    return { records: records + Number(offsets), isOpen: edge.stableEnd < edge.end }
  } catch (error) {
    if (error instanceof ReplicationError) return error
    throw error
  }
}

const unasked = (id: PartitionId): ReplicationError =>
  new ReplicationError('UNEXPECTED', `looking for what is left of ${partitionName(id)}: nobody told where it ends`)

/** A head of another life of the topic says nothing of this one. What retention took cannot be brought any more. */
const beginOf = (
  head: { readonly incarnation: string; readonly nextSource: bigint } | undefined,
  life: string | undefined,
  { start }: LogEdges,
): bigint => {
  const next = head !== undefined && head.incarnation === life ? head.nextSource : start
  return next > start ? next : start
}
