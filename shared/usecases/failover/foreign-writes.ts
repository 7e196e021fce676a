import { ReplicationError } from '../../domain/errors.ts'
import type { ForeignFacts } from '../../domain/failover/preflight-facts.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { inLanes } from '../lanes.ts'
import type { LogEdges, LogReader, PerPartition } from '../log-ports.ts'
import type { Deadline, LinkState } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { countRecords } from './counted-rest.ts'

export interface ForeignWritesDeps {
  /** The name on the target of a topic of the source. */
  readonly targetTopic: (topic: string) => string
  readonly targetLog: Pick<LogReader, 'edges' | 'read'>
  readonly state: Pick<LinkState, 'read'>
  /** Resolves to whether the time has passed before the deadline. */
  readonly rest: (ms: number, deadline: Deadline) => Promise<boolean>
}

/** What is being appended right now is in no map yet: it is looked for again so often, and so long apart. */
const LOOKS = 3
const BETWEEN_LOOKS_MS = 1_500
const LANES = 10
/** Of one partition; that somebody writes there is what matters. */
const MOST_READS = 20

/** Records of a replica beyond what the map covers. */
interface Suspect extends PartitionId {
  readonly records: number
}

/** `suspects`: with records that no map covers; `untold`: of which nobody can tell. */
interface Look {
  readonly suspects: readonly Suspect[]
  readonly untold: readonly PartitionId[]
}

/**
 * Records on replicas that no map covers. `edges`, of the target by the names of the source, were asked for before the
 * heads are: what the link was appending then is covered sooner or later, what somebody else wrote is not.
 */
export const foreignWrites = async (
  partitions: readonly PartitionId[],
  edges: PerPartition<LogEdges>,
  deadline: Deadline,
  deps: ForeignWritesDeps,
): Promise<ForeignFacts> => {
  const first = await lookBeyond(partitions, edges, deadline, deps)
  let last = first
  for (let look = 1; look < LOOKS && last.suspects.length > 0; look++) {
    if (!(await deps.rest(BETWEEN_LOOKS_MS, deadline))) break
    last = await lookBeyond(last.suspects, edges, deadline, deps)
  }
  return {
    records: last.suspects.reduce((total, { records }) => total + records, 0),
    partitions: last.suspects.map(({ topic, partition }) => ({ topic, partition })),
    growing: await isGrowing(last.suspects, deadline, deps),
    untold: first.untold.length + (last === first ? 0 : last.untold.length),
  }
}

const lookBeyond = async (
  partitions: readonly PartitionId[],
  edges: PerPartition<LogEdges>,
  deadline: Deadline,
  deps: ForeignWritesDeps,
): Promise<Look> => {
  const snapshot = await deps.state.read(partitions, deadline)
  const look = { suspects: [] as Suspect[], untold: [] as PartitionId[] }
  await inLanes(partitions, LANES, async (id) => {
    const edge = edges.get(partitionName(id))
    const records = await recordsBeyond(id, edge, snapshot, deadline, deps)
    if (records === 'untold') look.untold.push(id)
    else if (records > 0) look.suspects.push({ topic: id.topic, partition: id.partition, records })
  })
  return look
}

const recordsBeyond = async (
  id: PartitionId,
  edge: LogEdges | ReplicationError | undefined,
  snapshot: Awaited<ReturnType<LinkState['read']>>,
  deadline: Deadline,
  { targetLog, targetTopic }: ForeignWritesDeps,
): Promise<number | 'untold'> => {
  if (edge === undefined || edge instanceof ReplicationError) return 'untold'
  try {
    const covered = headIn(snapshot, id)?.nextTarget ?? 0n
    const replica = { topic: targetTopic(id.topic), partition: id.partition }
    const from = covered > edge.start ? covered : edge.start
    const rest = { from, to: edge.stableEnd, maxReads: MOST_READS }
    return (await countRecords(replica, rest, deadline, targetLog)).records
  } catch (error) {
    if (error instanceof ReplicationError) return 'untold'
    throw error
  }
}

/** Whether more comes, and the link is not who writes it. */
const isGrowing = async (
  suspects: readonly Suspect[],
  deadline: Deadline,
  deps: ForeignWritesDeps,
): Promise<boolean> => {
  if (suspects.length === 0) return false
  const replicas = suspects.map(({ topic, partition }) => ({ topic: deps.targetTopic(topic), partition }))
  const edges = await deps.targetLog.edges(replicas, deadline)
  const now = new Map(
    suspects.flatMap((id, at): [string, LogEdges | ReplicationError][] => {
      const replica = replicas[at]
      const edge = replica && edges.get(partitionName(replica))
      return edge === undefined ? [] : [[partitionName(id), edge]]
    }),
  )
  const { suspects: later } = await lookBeyond(suspects, now, deadline, deps)
  const before = new Map(suspects.map((id) => [partitionName(id), id.records]))
  return later.some((id) => id.records > (before.get(partitionName(id)) ?? 0))
}
