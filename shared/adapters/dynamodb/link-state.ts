import { isDeepStrictEqual } from 'node:util'
import { ReplicationError } from '../../domain/errors.ts'
import type { Gap, Head, Page } from '../../domain/head.ts'
import { packRuns } from '../../domain/packed-runs.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { AdvanceOutcome, Deadline, LinkSnapshot, LinkState } from '../../usecases/ports.ts'
import { gapItem } from './gap-item.ts'
import { headItem, parseHead } from './head-item.ts'
import { headKey, partitionKey, STATUS_KEY, topicKey } from './item-keys.ts'
import { firstStarts } from './lag-ledger.ts'
import type { Condition, LinkTable } from './link-table.ts'
import { pageEnd, pageItem } from './page-item.ts'
import { statusOf } from './status-item.ts'
import { bytes, type Item, integer, text } from './stored-item.ts'
import { parseTopic } from './topic-item.ts'

const thereIsNoneYet = 'attribute_not_exists(#pk)'
const checkpointIsWhereWeReadIt = '#nextSource = :expected'
const incarnationIsTheSame = '#incarnation = :incarnation'
const runsAreWhatWeRead = '#openRuns = :openRuns'
const linkEpochIsNotOlder = '#epoch <= :epoch'
/** Equal ends are the same page: written again it would only outlive the pages after it. */
const pageGrows = '#end < :end'
const gapGrows = '#to < :to'

/** The state of a link as the replicate function needs it: one read an invocation, one write a partition. */
export const linkState = (table: LinkTable): LinkState => {
  const asked = new Map<string, Promise<string | undefined>>()
  return {
    read: (partitions, deadline) => read(table, partitions, deadline),
    seal: (partition, pages, deadline) => seal(table, partition, pages, deadline),
    advance: (partition, from, to, deadline) => advance(table, partition, from, to, deadline),
    // The partitions of an event ask side by side, and all of them after one topic.
    followedLife: (topic, deadline) => {
      const asking = asked.get(topic) ?? followedLife(table, topic, deadline).finally(() => asked.delete(topic))
      asked.set(topic, asking)
      return asking
    },
    firstStart: firstStarts(table),
    recordGap: (partition, gap, deadline) => recordGap(table, partition, gap, deadline),
  }
}

const read = async (
  table: LinkTable,
  partitions: readonly PartitionId[],
  deadline: Deadline,
): Promise<LinkSnapshot> => {
  const wanted = new Map(partitions.map((partition) => [partitionKey(partition), partitionName(partition)]))
  const keys = [
    STATUS_KEY,
    ...new Map(partitions.map((partition) => [partitionKey(partition), headKey(partition)])).values(),
  ]
  const items = await table.getAll(keys, `reading the state of ${wanted.size} partitions from ${table.name}`, deadline)
  const status = items.find(({ pk }) => pk?.S === STATUS_KEY.pk)
  const heads = items.flatMap((item): [string, Head | ReplicationError][] => {
    const name = wanted.get(item['pk']?.S ?? '')
    return name === undefined ? [] : [[name, readHead(item)]]
  })
  return { status: statusOf(status, table.initialStatus), heads: new Map(heads) }
}

/** What is wrong with one partition stops no other. */
const readHead = (item: Item): Head | ReplicationError => {
  try {
    return parseHead(item)
  } catch (error) {
    if (error instanceof ReplicationError) return error
    throw error
  }
}

const followedLife = async (table: LinkTable, topic: string, deadline: Deadline): Promise<string | undefined> => {
  const [item] = await table.getAll([topicKey(topic)], `reading which life of ${topic} is followed`, deadline)
  return item && parseTopic(item)[1].incarnation
}

/** One after the other, oldest first, so that no page expires before the pages that come before it. */
const seal = async (
  table: LinkTable,
  partition: PartitionId,
  pages: readonly Page[],
  deadline: Deadline,
): Promise<void> => {
  for (const page of pages) {
    const condition = { where: `${thereIsNoneYet} OR ${pageGrows}`, values: { ':end': integer(pageEnd(page)) } }
    const doing = `sealing the page of ${partitionName(partition)} from source offset ${page.runs[0].source} on`
    await table.put({ ...pageItem(partition, page), ...table.expiry() }, condition, doing, deadline)
  }
}

const advance = async (
  table: LinkTable,
  partition: PartitionId,
  from: Head | undefined,
  to: Head,
  deadline: Deadline,
): Promise<AdvanceOutcome> => {
  const doing = `moving the checkpoint of ${partitionName(partition)} from ${from?.nextSource ?? 'none'} to ${to.nextSource}`
  const outcome = await table.put(headItem(partition, to), stillTheHead(from, to), doing, deadline)
  return outcome.written ? 'advanced' : whyNot(outcome.stored, to)
}

const stillTheHead = (from: Head | undefined, { epoch, nextSource }: Head): Condition => {
  if (from === undefined) return { where: thereIsNoneYet }
  const goesBack = nextSource < from.nextSource
  const clauses = [checkpointIsWhereWeReadIt, incarnationIsTheSame, linkEpochIsNotOlder]
  return {
    where: [...clauses, ...(goesBack ? [runsAreWhatWeRead] : [])].join(' AND '),
    values: {
      ':expected': integer(from.nextSource),
      ':incarnation': text(from.incarnation),
      ':epoch': integer(epoch),
      ...(goesBack && { ':openRuns': bytes(packRuns(from.openRuns)) }),
    },
  }
}

/** When the answer to a write gets lost and the SDK writes again, the head that is in the way is our own. */
const whyNot = (stored: Item | undefined, to: Head): AdvanceOutcome => {
  if (stored === undefined) return 'checkpoint-moved'
  const head = parseHead(stored)
  if (isDeepStrictEqual(head, to)) return 'advanced'
  return head.epoch > to.epoch ? 'epoch-stale' : 'checkpoint-moved'
}

/**
 * Between two attempts at the same batch retention may take more, so a wider gap replaces a narrower one; a gap that is
 * there already, as wide or wider, is left with its time and its mark of replay.
 */
const recordGap = async (table: LinkTable, partition: PartitionId, gap: Gap, deadline: Deadline): Promise<void> => {
  const condition = { where: `${thereIsNoneYet} OR ${gapGrows}`, values: { ':to': integer(gap.to) } }
  const doing = `recording the ${gap.kind} offsets ${gap.from} to ${gap.to - 1n} of ${partitionName(partition)}`
  await table.put({ ...gapItem(partition, gap), ...table.expiry() }, condition, doing, deadline)
}
