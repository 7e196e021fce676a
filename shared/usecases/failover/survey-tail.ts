import { ReplicationError } from '../../domain/errors.ts'
import { grownTo, newTail, type TailPart } from '../../domain/failover/stranded-tail.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import { partitionName } from '../../domain/record.ts'
import type { LogEdges, LogReader, PerPartition } from '../log-ports.ts'
import type { Deadline, LinkState } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import type { FromPartition } from './from-partitions.ts'
import type { TailLedger } from './tail-ports.ts'

export interface TailSurveyDeps {
  /** Of the old active cluster, all that the link replicates. */
  readonly partitions: (deadline: Deadline) => Promise<readonly FromPartition[]>
  readonly reader: Pick<LogReader, 'edges'>
  readonly state: Pick<LinkState, 'read'>
  readonly ledger: TailLedger
}

/**
 * What the old active cluster has behind the checkpoints, which stand still since the link was stopped: by partition, and
 * as far as it was settled already. Beats are no records of anybody's.
 */
export const surveyTail = async (
  execution: string,
  deadline: Deadline,
  deps: TailSurveyDeps,
): Promise<readonly TailPart[]> => {
  const partitions = (await deps.partitions(deadline)).filter(({ topic }) => topic !== HEARTBEAT_TOPIC)
  const [edges, { heads }, known] = await Promise.all([
    deps.reader.edges(partitions, deadline),
    deps.state.read(partitions, deadline),
    deps.ledger.parts(execution, deadline),
  ])
  const lives = new Map(known.map((part) => [lifeOf(part), part]))
  return partitions.flatMap((partition) => {
    const { start, end } = edgesOf(partition, edges)
    const part = lives.get(lifeOf(partition))
    if (part !== undefined) return [grownTo(part, end)]
    const head = headIn({ heads }, partition)
    const from = head?.incarnation === partition.incarnation ? head.nextSource : start
    return end > from ? [newTail(partition, { from, start, to: end })] : []
  })
}

const lifeOf = (partition: FromPartition): string => `${partitionName(partition)} ${partition.incarnation}`

const edgesOf = (partition: FromPartition, answers: PerPartition<LogEdges>): LogEdges => {
  const edges = answers.get(partitionName(partition))
  if (edges instanceof ReplicationError) throw edges
  if (edges === undefined) throw new RangeError(`${partitionName(partition)} was asked for and has no answer`)
  return edges
}
