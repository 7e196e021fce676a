import { setTimeout as pause } from 'node:timers/promises'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import type { ClusterAccess } from './broker-connections.ts'
import type { LinkEvidence } from './link-evidence.ts'
import { type RecordView, readTopic } from './log-reader.ts'
import type { PartitionLog } from './partition-log.ts'
import type { Redeliveries } from './redeliveries.ts'
import { judgePartition, total, type Verdict } from './verdict.ts'

export interface CheckedLink {
  readonly source: ClusterAccess
  readonly target: ClusterAccess
  /** As named on the source. */
  readonly topics: readonly string[]
  readonly isolation: 'committed' | 'uncommitted'
  readonly state: LinkEvidence
  readonly redeliveries: Redeliveries
  readonly targetTopic: (sourceTopic: string) => string
  /** What of the records on either side concerns the link, where not all do. */
  readonly views?: { readonly source: RecordView; readonly target: RecordView }
}

const ASK_EVERY_MS = 200
/** Longer than the poller's backoff after a fault and a cold start together. */
const STALLED_AFTER_MS = 90_000

/** The logs of all partitions of the topics. */
export const readTopics = async (access: ClusterAccess, topics: readonly string[]): Promise<PartitionLog[]> => {
  const logs: PartitionLog[] = []
  for (const topic of topics) logs.push(...(await readTopic(access, topic)))
  return logs
}

interface Goal {
  readonly partition: PartitionId
  /** The offset of the last record that has to arrive. */
  readonly last: bigint
}

const goals = (logs: readonly PartitionLog[], isolation: CheckedLink['isolation']): Goal[] =>
  logs.flatMap((log) => {
    for (let at = log.size - 1; at >= 0; at--)
      if (isolation === 'uncommitted' || log.visibility(at) === 'committed')
        return [{ partition: log.partition, last: log.offset(at) }]
    return []
  })

/**
 * Waits until the link says that it has replicated all that the topics hold now, and has nothing of them under way; whether
 * that is true is for the verdict. Throws when nothing moves any more.
 */
export const untilReplicated = async (link: CheckedLink, say: (line: string) => void): Promise<void> => {
  const open = goals(await readTopics(link.source, link.topics), link.isolation)
  let before = -1n
  let movedAt = performance.now()
  for (;;) {
    const heads = await link.state.heads(open.map(({ partition }) => partition))
    const checkpoints = open.map((goal) => ({
      ...goal,
      next: heads.get(partitionName(goal.partition))?.nextSource ?? 0n,
    }))
    const behind = checkpoints.filter(({ next, last }) => next <= last)
    if (behind.length === 0 && link.redeliveries.underWay(link.topics) === 0) return
    const sum = checkpoints.reduce((offsets, { next }) => offsets + next, 0n)
    if (sum !== before) movedAt = performance.now()
    before = sum
    if (performance.now() - movedAt > STALLED_AFTER_MS) throw new Error(stalled(behind))
    const missing = behind.reduce((offsets, { next, last }) => offsets + last + 1n - next, 0n)
    say(`${missing} offsets of ${behind.length} partitions to go`)
    await pause(ASK_EVERY_MS)
  }
}

const stalled = (behind: readonly { partition: PartitionId; next: bigint; last: bigint }[]): string => {
  const where = behind.map(({ partition, next, last }) => `${partitionName(partition)} at ${next} of ${last + 1n}`)
  return `waiting for the link: nothing moved for ${STALLED_AFTER_MS / 1000} s; ${where.join(', ')}`
}

export interface Checked extends Verdict {
  readonly sourceBytes: number
}

/** Reads both sides whole and judges every partition. */
export const checkReplication = async (link: CheckedLink): Promise<Checked> => {
  const verdicts: Verdict[] = []
  let sourceBytes = 0
  for (const topic of link.topics) {
    const sources = await readTopic(link.source, topic, link.views?.source)
    const targets = await readTopic(link.target, link.targetTopic(topic), link.views?.target)
    for (const source of sources) {
      const target = targets.find(({ partition }) => partition.partition === source.partition.partition)
      if (target === undefined)
        throw new Error(`checking ${partitionName(source.partition)}: the target has no such partition`)
      verdicts.push(await judge(link, source, target))
      sourceBytes += source.sizeBytes
    }
  }
  return { ...total(verdicts), sourceBytes }
}

const judge = async (link: CheckedLink, source: PartitionLog, target: PartitionLog): Promise<Verdict> => {
  const { partition, logStart, logEnd } = source
  return judgePartition({
    source,
    target,
    isolation: link.isolation,
    gaps: await link.state.gaps(partition),
    redelivered: link.redeliveries.of(partition),
    translate: await link.state.translations(partition, logStart, logEnd),
  })
}
