import { setTimeout as pause } from 'node:timers/promises'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { countRecords, createTopic, dropTopic, withAdmin } from '../bench-cluster.ts'
import { copyOf } from '../copiers/copier.ts'
import { AgeReader, now, Pacer } from '../path/pace.ts'
import type { Follower, FollowTask } from './follower.ts'

/** How a new topic appeared on the target, and what another topic felt meanwhile. */
export interface Appearance {
  /** From its creation on the source to its first record on the target; absent: not within the time allowed. */
  readonly firstRecordSeconds: number | undefined
  /** The longest time without a record of the other topic on the target: in the seconds before, and meanwhile. */
  readonly gapBeforeMs: number
  readonly gapMeanwhileMs: number
}

const RECORDS_A_SECOND = 200
const RECORD_BYTES = 200
const PARTITIONS = 2
const SETTLE_MS = 10_000
const AFTERWARDS_MS = 3_000
const FOLLOWED_WITHIN_MS = 120_000
const LOOK_EVERY_MS = 50

/** `withinMs`: how long a topic is waited for. */
export const runAppearance = async (follower: Follower, task: FollowTask, withinMs: number): Promise<Appearance> => {
  const { source, target, alias } = task
  const [steady, fresh] = [`${alias}-steady`, `${alias}-fresh`]
  await using resources = new AsyncDisposableStack()
  await createTopic(source, steady, PARTITIONS)
  for (const topic of [steady, fresh]) {
    resources.defer(() => dropTopic(target, copyOf(alias, topic)))
    resources.defer(() => dropTopic(source, topic))
  }
  const running = await follower.start(task)
  resources.defer(() => running.stop())
  await eventually('the other topic on the target', () => isThere(target, copyOf(alias, steady)), {
    withinMs: FOLLOWED_WITHIN_MS,
  })
  const reader = await AgeReader.open(target, copyOf(alias, steady))
  resources.defer(() => reader.close())
  const pace = { recordsPerSecond: RECORDS_A_SECOND, partitions: PARTITIONS, recordBytes: RECORD_BYTES }
  const pacer = Pacer.start(source, steady, pace)
  resources.defer(() => pacer.stop())
  await eventually('the first copied record', () => reader.ages.length > 0, { withinMs: FOLLOWED_WITHIN_MS })
  await pause(SETTLE_MS)
  await running.due()
  const madeAt = now()
  const firstRecordSeconds = await untilCopied(fresh, task, () => running.made(), withinMs)
  await pause(AFTERWARDS_MS)
  const arrivals = reader.ages.map(({ sentAt, ageMs }) => sentAt + ageMs)
  return {
    firstRecordSeconds,
    gapBeforeMs: longestGap(arrivals.filter((at) => at < madeAt && at >= madeAt - SETTLE_MS / 2)),
    gapMeanwhileMs: longestGap([madeAt, ...arrivals.filter((at) => at >= madeAt), now()]),
  }
}

const isThere = (cluster: LocalCluster, topic: string): Promise<boolean> =>
  withAdmin(cluster, async (admin) => (await admin.listTopics()).includes(topic))

/** Records are written to the new topic from the beginning on. */
const untilCopied = async (
  topic: string,
  { source, target, alias }: FollowTask,
  made: () => Promise<void>,
  withinMs: number,
): Promise<number | undefined> => {
  const began = performance.now()
  await createTopics(source, [{ name: topic, partitions: PARTITIONS }])
  const writer = Pacer.start(source, topic, { recordsPerSecond: 10, partitions: PARTITIONS, recordBytes: RECORD_BYTES })
  try {
    await made()
    return await withAdmin(target, async (admin) => {
      const copy = copyOf(alias, topic)
      const isCopied = async (): Promise<boolean> =>
        (await admin.listTopics()).includes(copy) && (await countRecords(admin, copy).catch(() => 0)) > 0
      while (performance.now() - began < withinMs) {
        if (await isCopied()) return (performance.now() - began) / 1000
        await pause(LOOK_EVERY_MS)
      }
      return undefined
    })
  } finally {
    await writer.stop()
  }
}

const longestGap = (times: readonly number[]): number =>
  times.reduce((longest, at, index) => Math.max(longest, at - (times[index - 1] ?? at)), 0)
