import { GroupCommitter } from '../../local/kafka/group-commits.ts'
import { createTopic } from '../bench-cluster.ts'
import { copyOf } from '../copiers/copier.ts'
import { benchGroupOrder } from '../topics/bench-link.ts'
import type { GroupPassFigures } from './group-pass-server.ts'
import { startPasses } from './group-passes.ts'
import { type TwinshoreParts, twinshoreTranslator } from './group-translator.ts'
import { NumberedTopic } from './numbered-topic.ts'
import { type GroupCourse, untilCopied } from './reread.ts'

const TOPICS = 4
const PARTITIONS_OF_TOPIC = 5
export const SCALE_PARTITIONS = TOPICS * PARTITIONS_OF_TOPIC
/** Many small transactions make a hole each, so that much of the map is in pages. */
const RECORDS_OF_PARTITION = 1_000
const RECORDS_OF_TRANSACTION = 2

export interface GroupScale {
  readonly groups: number
  /** Every position is new. */
  readonly first: GroupPassFigures
  /** Nothing changed. */
  readonly steady: GroupPassFigures
  /** Every group committed anew in every partition. */
  readonly again: GroupPassFigures
}

export interface ScaleTopics {
  readonly alias: string
  readonly topics: readonly NumberedTopic[]
}

/** Topics of one link, copied while they are written, in many batches, so that their maps grow as they do in real life. */
export const copyScaleTopics = async (
  alias: string,
  course: GroupCourse,
  parts: TwinshoreParts,
): Promise<ScaleTopics> => {
  const topics: NumberedTopic[] = []
  for (let at = 0; at < TOPICS; at++) topics.push(await copyTopic(`${alias}-topic${at}`, alias, course, parts))
  return { alias, topics }
}

const copyTopic = async (
  name: string,
  alias: string,
  { source, target, folder }: GroupCourse,
  parts: TwinshoreParts,
): Promise<NumberedTopic> => {
  const targetTopic = copyOf(alias, name)
  await createTopic(source, name, PARTITIONS_OF_TOPIC)
  await createTopic(target, targetTopic, PARTITIONS_OF_TOPIC)
  const { copier } = twinshoreTranslator('apply', parts)
  const running = await copier.start({ source, target, topic: name, targetTopic, alias, folder })
  try {
    const topic = await NumberedTopic.fill(source, {
      name,
      kind: 'transactional',
      partitions: PARTITIONS_OF_TOPIC,
      recordsOfPartition: RECORDS_OF_PARTITION,
      recordsOfTransaction: RECORDS_OF_TRANSACTION,
    })
    await untilCopied(target, targetTopic, PARTITIONS_OF_TOPIC * RECORDS_OF_PARTITION)
    return topic
  } finally {
    await running.stop()
  }
}

/** Passes over so many groups that committed everywhere, in a fresh process with the memory of the deployed function. */
export const measureGroupScale = async (
  count: number,
  { alias, topics }: ScaleTopics,
  { source, target, folder }: GroupCourse,
  { state }: TwinshoreParts,
): Promise<GroupScale> => {
  const groups = Array.from({ length: count }, (_, at) => `scale${count}-${at}`)
  const names = topics.map(({ name }) => name)
  const order = benchGroupOrder({ name: alias, source, target, topics: names, naming: `${alias}.{topic}` })
  /** No two groups stand at the same places. */
  const commitAll = async (round: number): Promise<void> => {
    const committer = new GroupCommitter(source)
    try {
      for (const [at, group] of groups.entries()) {
        const lag = RECORDS_OF_PARTITION - 1 - ((at * 2 + round) % (RECORDS_OF_PARTITION - 2))
        await committer.commit(group, new Map(topics.map((topic) => [topic.name, topic.positionsBehind(lag)])))
      }
    } finally {
      await committer.close()
    }
  }
  await commitAll(0)
  const passes = await startPasses(order, { folder, environment: state.environment })
  try {
    const first = await passes.pass()
    const steady = await passes.pass()
    await commitAll(1)
    return { groups: count, first, steady, again: await passes.pass() }
  } finally {
    await passes.stop()
  }
}
