import { ReplicationError } from '../../domain/errors.ts'
import { grownTo, newTail, type TailPart } from '../../domain/failover/stranded-tail.ts'
import type { Head } from '../../domain/head.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import { partitionName } from '../../domain/record.ts'
import type { LogEdges, LogReader, PerPartition } from '../log-ports.ts'
import type { Deadline, LinkState } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import type { BoundaryLedger } from './failover-ports.ts'
import type { FromPartition } from './from-partitions.ts'
import type { TailLedger } from './tail-ports.ts'

export interface TailSurveyDeps {
  /** Of the old active cluster, all that the link replicates. */
  readonly partitions: (deadline: Deadline) => Promise<readonly FromPartition[]>
  readonly reader: Pick<LogReader, 'edges'>
  readonly state: Pick<LinkState, 'read'>
  readonly boundary: Pick<BoundaryLedger, 'topics'>
  readonly ledger: TailLedger
}

/**
 * What the old active cluster has behind the boundary of the failover: by partition, and as far as it was settled already.
 * Once the link the other way has begun, the head of the partition stands where the tail ends, and what follows are copies.
 * Beats are no records of anybody's. `whole`: also of partitions where nothing is stranded.
 */
export const surveyTail = async (
  execution: string,
  { whole }: { readonly whole: boolean },
  deadline: Deadline,
  deps: TailSurveyDeps,
): Promise<readonly TailPart[]> => {
  const partitions = (await deps.partitions(deadline)).filter(({ topic }) => topic !== HEARTBEAT_TOPIC)
  const [edges, snapshot, known, checkpoints] = await Promise.all([
    deps.reader.edges(partitions, deadline),
    deps.state.read(partitions, deadline),
    deps.ledger.parts(execution, deadline),
    checkpointsOf(execution, deadline, deps),
  ])
  const lives = new Map(known.map((part) => [lifeOf(part), part]))
  return partitions.flatMap((partition) => {
    const { start, end } = edgesOf(partition, edges)
    const head = headIn(snapshot, partition)
    const { from, to } = stretchOf(head, partition, checkpoints.get(partitionName(partition)), { start, end })
    const part = lives.get(lifeOf(partition))
    if (part !== undefined) return [grownTo(part, to)]
    return whole || to > from ? [newTail(partition, { from, start, to })] : []
  })
}

/** A partition that was never replicated, or only in another life of its topic, is stranded as a whole. */
const stretchOf = (
  head: Head | undefined,
  { incarnation }: FromPartition,
  checkpoint: bigint | undefined,
  { start, end }: Pick<LogEdges, 'start' | 'end'>,
): { readonly from: bigint; readonly to: bigint } => {
  if (head?.incarnation !== incarnation || checkpoint === undefined) return { from: start, to: end }
  return { from: checkpoint, to: head.nextSource > checkpoint ? head.nextSource : end }
}

/** How far the link had got when it was stopped. */
const checkpointsOf = async (
  execution: string,
  deadline: Deadline,
  { boundary }: TailSurveyDeps,
): Promise<ReadonlyMap<string, bigint>> => {
  const topics = await boundary.topics(execution, deadline)
  return new Map(
    topics.flatMap(({ topic, points }) =>
      [...points].flatMap(([partition, { replicated }]) =>
        replicated === undefined ? [] : [[partitionName({ topic, partition }), replicated.source] as const],
      ),
    ),
  )
}

const lifeOf = (partition: FromPartition): string => `${partitionName(partition)} ${partition.incarnation}`

const edgesOf = (partition: FromPartition, answers: PerPartition<LogEdges>): LogEdges => {
  const edges = answers.get(partitionName(partition))
  if (edges instanceof ReplicationError) throw edges
  if (edges === undefined) throw new RangeError(`${partitionName(partition)} was asked for and has no answer`)
  return edges
}
