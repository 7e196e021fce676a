import { ReplicationError } from '../../domain/errors.ts'
import type { TopicBoundary } from '../../domain/failover/boundary.ts'
import type { TailPart } from '../../domain/failover/stranded-tail.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { LogEdges, LogReader, PerPartition } from '../log-ports.ts'
import type { Deadline, LinkState } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { edgesIn } from '../verify/log-edges.ts'
import { type ExportTailDeps, exportTail } from './export-tail.ts'
import { isRefilled } from './returning-topics.ts'
import type { RecordDeletion } from './tail-ports.ts'

export interface ScrapeTailDeps extends ExportTailDeps {
  readonly reader: LogReader
  readonly deletion: RecordDeletion
  /** Of the forward link. */
  readonly state: Pick<LinkState, 'read'>
  /** Of the new active cluster. */
  readonly targetReader: Pick<LogReader, 'edges'>
  /** What the link the other way brings back from the beginning; nothing else is ever emptied. */
  readonly returning: (execution: string, deadline: Deadline) => Promise<readonly TopicBoundary[]>
}

/**
 * Empties the old active cluster of all that the link the other way will bring there again. Nothing is deleted before the
 * whole tail is kept, and nothing behind the ends that were written down then: a log that has gone on since is left as it is,
 * with `TAIL_LEFT`. `parts`: of every partition, also of those where nothing is stranded.
 */
export const scrapeTail = async (
  execution: string,
  parts: readonly TailPart[],
  deadline: Deadline,
  deps: ScrapeTailDeps,
): Promise<void> => {
  await exportTail(execution, parts, deadline, deps)
  const topics = (await deps.returning(execution, deadline)).filter(isRefilled)
  await refuseOnlyCopies(topics, deadline, deps)
  const wanted = new Set(topics.flatMap(namesIn))
  const scraped = parts.filter((part) => wanted.has(partitionName(part)))
  const edges = await deps.reader.edges(scraped, deadline)
  const marked: TailPart[] = []
  for (const part of scraped) marked.push(await withEnd(execution, part, edges, deadline, deps))
  await emptyAll(marked, deadline, deps)
}

/** What was replicated is on the new active cluster, unless that lost it: then the old one may have the only copy. */
const refuseOnlyCopies = async (
  topics: readonly TopicBoundary[],
  deadline: Deadline,
  { state, targetReader }: ScrapeTailDeps,
): Promise<void> => {
  const pairs = topics.flatMap(({ topic, targetTopic, points }) =>
    [...points].map(([partition, { replicated }]) => ({
      id: { topic, partition },
      replica: { topic: targetTopic, partition },
      brought: replicated?.target ?? 0n,
    })),
  )
  const snapshot = await state.read(
    pairs.map(({ id }) => id),
    deadline,
  )
  const edges = await targetReader.edges(
    pairs.map(({ replica }) => replica),
    deadline,
  )
  for (const { id, replica, brought } of pairs) {
    const { end } = edgesIn(edges, replica)
    if (headIn(snapshot, id)?.rewoundTo === undefined && end >= brought) continue
    const found = `${partitionName(replica)} ends at offset ${end}, and had acknowledged ${brought}, or was rewound`
    throw new ReplicationError('TARGET_REWOUND', `emptying ${partitionName(id)} on the old active cluster: ${found}`)
  }
}

const namesIn = ({ topic, points }: TopicBoundary): readonly string[] =>
  [...points.keys()].map((partition) => partitionName({ topic, partition }))

/** Written down once; whoever comes later deletes up to there, and finds out whether anything was written behind it. */
const withEnd = async (
  execution: string,
  part: TailPart,
  answers: PerPartition<LogEdges>,
  deadline: Deadline,
  { ledger }: ScrapeTailDeps,
): Promise<TailPart> => {
  const { end } = edgesIn(answers, part)
  const emptyTo = part.emptyTo ?? part.to
  if (end !== emptyTo) throw grown(part, emptyTo, end)
  if (part.emptyTo !== undefined) return part
  const marked = { ...part, settledTo: part.to, emptyTo }
  if ((await ledger.save(execution, marked, deadline)) === 'saved') return marked
  throw new ReplicationError('CHECKPOINT_MOVED', `emptying ${partitionName(part)}: somebody else is`)
}

const grown = (part: PartitionId, from: bigint, to: bigint): ReplicationError => {
  const found = `it ended at offset ${from} when its tail was kept, and ends at ${to} now`
  return new ReplicationError('TAIL_LEFT', `emptying ${partitionName(part)} on the old active cluster: ${found}`)
}

/** Every partition is tried; throws the first refusal. */
const emptyAll = async (
  parts: readonly TailPart[],
  deadline: Deadline,
  { deletion }: ScrapeTailDeps,
): Promise<void> => {
  const offsets = parts.map(({ topic, partition, to, emptyTo = to }) => ({ topic, partition, offset: emptyTo }))
  const answers = await deletion.deleteBelow(offsets, deadline)
  for (const answer of answers.values()) if (answer instanceof ReplicationError) throw answer
}
