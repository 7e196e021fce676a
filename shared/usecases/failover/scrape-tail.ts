import { allAsOne, ReplicationError } from '../../domain/errors.ts'
import type { TopicBoundary } from '../../domain/failover/boundary.ts'
import { scrapeRefusal } from '../../domain/failover/scrape-refusal.ts'
import type { TailPart } from '../../domain/failover/stranded-tail.ts'
import type { Head } from '../../domain/head.ts'
import { type LastCopy, lastCopyOf } from '../../domain/last-copy.ts'
import { partitionName } from '../../domain/record.ts'
import type { LogEdges, LogReader, PerPartition } from '../log-ports.ts'
import type { Deadline, LinkState } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { edgesIn } from '../verify/log-edges.ts'
import { type ExportTailDeps, exportTail } from './export-tail.ts'
import { type LeftBehindDeps, leftBehind } from './left-behind.ts'
import { missingCopies } from './missing-copies.ts'
import { isRefilled } from './returning-topics.ts'
import type { RecordDeletion } from './tail-ports.ts'

export interface ScrapeTailDeps extends ExportTailDeps, LeftBehindDeps {
  readonly pair: string
  readonly cluster: string
  readonly reader: LogReader
  readonly deletion: RecordDeletion
  /** Of the forward link. */
  readonly state: Pick<LinkState, 'read'>
  /** Of the new active cluster. */
  readonly targetReader: Pick<LogReader, 'edges' | 'read'>
  /** What the link the other way brings back from the beginning; nothing else is ever emptied. */
  readonly returning: (execution: string, deadline: Deadline) => Promise<readonly TopicBoundary[]>
}

/**
 * Empties the old active cluster of all that the link the other way will bring there again. Nothing is deleted before the
 * whole tail is kept, and nothing behind the ends that were written down then: where a log ends elsewhere by now, nothing is
 * deleted at all (`TAIL_LEFT`), nor where records lie below the tail that were not replicated either. `parts`: of every partition, also of those where nothing is stranded.
 */
export const scrapeTail = async (
  execution: string,
  parts: readonly TailPart[],
  deadline: Deadline,
  deps: ScrapeTailDeps,
): Promise<void> => {
  await exportTail(execution, parts, deadline, deps)
  const topics = (await deps.returning(execution, deadline)).filter(isRefilled)
  await refuseOnlyCopies(execution, topics, parts, deadline, deps)
  const wanted = new Set(topics.flatMap(namesIn))
  const scraped = parts.filter((part) => wanted.has(partitionName(part)))
  const edges = await deps.reader.edges(scraped, deadline)
  refuse(
    'TAIL_LEFT',
    scraped.flatMap((part) => endsElsewhere(part, edges)),
    execution,
    deps,
  )
  refuse('TAIL_LEFT', await leftBehind(scraped, edges, deadline, deps), execution, deps)
  const marked: TailPart[] = []
  for (const part of scraped) marked.push(await withEnd(execution, part, deadline, deps))
  await emptyAll(execution, marked, deadline, deps)
}

/** What was replicated is on the new active cluster, unless that lost it: then the old one may have the only copy. */
const refuseOnlyCopies = async (
  execution: string,
  topics: readonly TopicBoundary[],
  parts: readonly TailPart[],
  deadline: Deadline,
  deps: ScrapeTailDeps,
): Promise<void> => {
  const pairs = topics.flatMap(({ topic, targetTopic, points }) =>
    [...points].map(([partition, { replicated }]) => ({
      id: { topic, partition },
      replica: { topic: targetTopic, partition },
      brought: replicated?.target ?? 0n,
    })),
  )
  const snapshot = await deps.state.read(
    pairs.map(({ id }) => id),
    deadline,
  )
  const edges = await deps.targetReader.edges(
    pairs.map(({ replica }) => replica),
    deadline,
  )
  const found = pairs.flatMap(({ id, replica, brought }) => {
    const { end } = edgesIn(edges, replica)
    if (headIn(snapshot, id)?.rewoundTo === undefined && end >= brought) return []
    return [`${partitionName(replica)} ends at offset ${end}, and had acknowledged ${brought}, or was rewound`]
  })
  refuse('TARGET_REWOUND', found, execution, deps)
  const lives = new Map(parts.map((part) => [partitionName(part), part.incarnation]))
  const copies = pairs.flatMap(({ id, replica }) => {
    const last = lastCopyIn(headIn(snapshot, id), lives.get(partitionName(id)))
    return last === undefined ? [] : [{ id, replica, ...last }]
  })
  refuse('TARGET_REWOUND', await missingCopies(copies, deadline, deps), execution, deps)
}

/** Of another life of the topic, or one that is gone, the old cluster has nothing. */
const lastCopyIn = (head: Head | undefined, incarnation: string | undefined): LastCopy | undefined =>
  head !== undefined && head.incarnation === incarnation ? lastCopyOf(head) : undefined

const namesIn = ({ topic, points }: TopicBoundary): readonly string[] =>
  [...points.keys()].map((partition) => partitionName({ topic, partition }))

const endToEmptyTo = ({ emptyTo, to }: Pick<TailPart, 'emptyTo' | 'to'>): bigint => emptyTo ?? to

/** Somebody has written there although it is fenced, or its cluster has lost records. */
const endsElsewhere = (part: TailPart, edges: PerPartition<LogEdges>): readonly string[] => {
  const { end } = edgesIn(edges, part)
  if (end === endToEmptyTo(part)) return []
  return [`${partitionName(part)} ended at offset ${endToEmptyTo(part)} when its tail was kept, and ends at ${end} now`]
}

/** Written down once; whoever comes later deletes up to there, and finds out whether anything was written behind it. */
const withEnd = async (
  execution: string,
  part: TailPart,
  deadline: Deadline,
  { ledger }: ScrapeTailDeps,
): Promise<TailPart> => {
  if (part.emptyTo !== undefined) return part
  const marked = { ...part, settledTo: part.to, emptyTo: part.to }
  if ((await ledger.save(execution, marked, deadline)) === 'saved') return marked
  throw new ReplicationError('CHECKPOINT_MOVED', `emptying ${partitionName(part)}: somebody else is`)
}

/** Every partition is tried; throws all that was refused. What passes by itself is tried again by the next pass. */
const emptyAll = async (
  execution: string,
  parts: readonly TailPart[],
  deadline: Deadline,
  { deletion, pair, cluster }: ScrapeTailDeps,
): Promise<void> => {
  const offsets = parts.map(({ topic, partition, ...part }) => ({ topic, partition, offset: endToEmptyTo(part) }))
  const answers = await deletion.deleteBelow(offsets, deadline)
  const refused = [...answers.values()].filter((answer) => answer instanceof ReplicationError)
  const error = allAsOne(refused, `emptying ${cluster}`)
  if (error === undefined) return
  if (error.transient) throw error
  const told = refused.map(({ message }) => message)
  throw scrapeRefusal(error.code, `emptying ${cluster}`, told, { pair, execution })
}

const refuse = (
  code: 'TAIL_LEFT' | 'TARGET_REWOUND',
  found: readonly string[],
  execution: string,
  { pair, cluster }: Pick<ScrapeTailDeps, 'pair' | 'cluster'>,
): void => {
  if (found.length > 0) throw scrapeRefusal(code, `emptying ${cluster}`, found, { pair, execution })
}
