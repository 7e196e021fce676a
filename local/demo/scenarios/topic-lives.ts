import { partitionName } from '../../../shared/domain/record.ts'
import type { OffsetRange } from '../../check/alignment.ts'
import { endsOf, type RecordView, readTopic } from '../../check/log-reader.ts'
import type { PartitionLog } from '../../check/partition-log.ts'
import { type CheckedLink, untilReplicated } from '../../check/replication-check.ts'
import { judgePartition, total, type Verdict } from '../../check/verdict.ts'
import { startStream } from '../../corpus/record-stream.ts'
import { createTopics, deleteTopic } from '../../kafka/local-topics.ts'
import { eventually } from '../../machine/eventually.ts'
import type { Stage } from './scenario.ts'
import { CARTS } from './shop-topics.ts'
import { type Traffic, written } from './traffic.ts'
import { untilInStep, type WatchedLink } from './watched-world.ts'

const RECORDS_OF_A_LIFE = 500
/** So that the second life is longest behind the positions of the first one, which a poller may still know. */
const FIRST_BATCHES_PER_SECOND = 40
const MADE_WITHIN_MS = 30_000
const TOPIC = { topic: CARTS.name, partitions: Array.from({ length: CARTS.partitions }, (_, at) => at) }

/** The two lives of the topic. */
export interface Lives {
  /** To be called when all is over. */
  judgeEarlier(): Promise<Verdict>
  /** What of the topic is of its later life. */
  readonly later: NonNullable<CheckedLink['views']>
}

/**
 * A topic that is written to is deleted and made again, and written to at once. Its writer rests until the first life is
 * replicated: what was not when a topic is deleted goes with it, and no replicator can have it.
 */
export const recreate = (stage: Stage, link: WatchedLink, traffic: Traffic): Promise<Lives> =>
  stage.steps.show('a topic is deleted and made again while the others flow', async (say) => {
    const first = startStream(link.source, {
      ...TOPIC,
      seed: traffic.seed(),
      batchesPerSecond: FIRST_BATCHES_PER_SECOND,
    })
    await written(first, RECORDS_OF_A_LIFE)
    await first.stop()
    await untilReplicated({ ...link, topics: [CARTS.name] }, say)
    const lives = await snapshot(link)
    await deleteTopic(link.source, CARTS.name)
    await createTopics(link.source, [CARTS])
    await eventually('the topic to be a new one', async () => isEmpty(link), { withinMs: MADE_WITHIN_MS })
    const second = startStream(link.source, { ...TOPIC, seed: traffic.seed() })
    traffic.add(second)
    await written(second, RECORDS_OF_A_LIFE / 4)
    await untilInStep(link, say)
    await written(second, RECORDS_OF_A_LIFE)
    return lives
  })

const isEmpty = async ({ source }: WatchedLink): Promise<boolean> => {
  try {
    return (await endsOf(source, CARTS.name)).every((end) => end === 0n)
  } catch {
    return false // its brokers are still about the old one, or do not lead the new one yet
  }
}

/** What the source holds, and where its copies end on the target; what comes after them is of the later life. */
const snapshot = async (link: WatchedLink): Promise<Lives> => {
  const sources = await readTopic(link.source, CARTS.name)
  const ends = await endsOf(link.target, link.targetTopic(CARTS.name))
  const redelivered = sources.map(({ partition }) => link.redeliveries.of(partition))
  link.redeliveries.forget(CARTS.name)
  const isEarlier = (offset: bigint, partition: number): boolean => offset < (ends[partition] ?? 0n)
  return {
    later: {
      source: (record) => record,
      target: (record, partition) => (isEarlier(record.offset, partition) ? undefined : record),
    },
    judgeEarlier: async () => {
      const earlier: RecordView = (record, partition) => (isEarlier(record.offset, partition) ? record : undefined)
      const targets = await readTopic(link.target, link.targetTopic(CARTS.name), earlier)
      return total(sources.map((source, at) => judgeEarlier(link, source, targets[at], redelivered[at] ?? [])))
    },
  }
}

/** Its map is closed, and no group resumes in it any more. */
const judgeEarlier = (
  { isolation }: WatchedLink,
  source: PartitionLog,
  target: PartitionLog | undefined,
  redelivered: readonly OffsetRange[],
): Verdict => {
  if (target === undefined)
    throw new Error(`checking ${partitionName(source.partition)}: the target has no such partition`)
  return judgePartition({ source, target, isolation, gaps: [], redelivered })
}
