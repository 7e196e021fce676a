import type { LocalAws } from '../../aws/aws.ts'
import type { AwsRequest } from '../../aws/gateway/exchange.ts'
import type { Injection } from '../../aws/gateway/faults.ts'
import { LinkEvidence, targetTopic } from '../../check/link-evidence.ts'
import { Redeliveries } from '../../check/redeliveries.ts'
import type { CheckedLink } from '../../check/replication-check.ts'
import { CORPUS_TOPICS } from '../../corpus/corpus.ts'
import { createTopics } from '../../kafka/local-topics.ts'
import type { Faults } from '../../poller/faults.ts'
import type { World } from '../../world/world.ts'
import type { Stage } from './scenario.ts'

const TOPICS = Object.values(CORPUS_TOPICS)

/** Short, so that nobody waits long after a fault has ended. */
const RETRY = { firstMs: 100, factor: 2, longestMs: 1_000 }

type DeliverTwice = NonNullable<Faults['deliverTwice']>

/** A world whose link replicates the corpus topics, with everything that is needed to break and to check it. */
export interface OpenLink extends CheckedLink {
  readonly world: World
  readonly aws: LocalAws
  /** Counts what is written to DynamoDB until it is removed. */
  countWrites(): Injection
  deliver(how: DeliverTwice['how'] | 'once'): void
}

export const isDynamoWrite = ({ service, operation }: AwsRequest): boolean =>
  service === 'dynamodb' && /^(Put|Update|Delete)Item$|^(Batch|Transact)Write/.test(operation ?? '')

export const openLink = async (stage: Stage): Promise<OpenLink> => {
  const { isolation, seed } = stage.options
  const redeliveries = new Redeliveries()
  let twice: DeliverTwice = { chance: 0, how: 'in-turn' }
  const faults: Faults = {
    seed,
    get deliverTwice() {
      return twice
    },
  }
  const topics = TOPICS.map(({ name }) => name)
  const world = await stage.startWorld({
    topics,
    link: { syncTopics: false }, // nobody else writes to the table while writes are counted
    choosePoller: ({ configuration }) => {
      const observe = redeliveries.observer(configuration.Topics[0] ?? '')
      return { options: { isolation: `read_${isolation}`, observe, faults, retry: RETRY } }
    },
  })
  const { source, target, aws } = world
  const [link] = world.topology.links
  if (aws === undefined || link === undefined) throw new Error('replicating: this world has no AWS or no link')
  const replica = (topic: string): string => targetTopic(link, topic)
  await stage.steps.show('the topics are on both sides', async () => {
    await createTopics(source, TOPICS)
    await createTopics(
      target,
      TOPICS.map((topic) => ({ ...topic, name: replica(topic.name) })),
    )
  })
  return {
    ...{ world, aws, source, target, topics, isolation, redeliveries, targetTopic: replica },
    state: new LinkEvidence(aws.url, link),
    countWrites: () => aws.gateway.faults.inject({ match: isDynamoWrite, fault: 'pass' }),
    deliver: (how) => {
      twice = how === 'once' ? { chance: 0, how: 'in-turn' } : { chance: 1, how }
    },
  }
}

/** While the pollers are disabled nobody has read what compaction is about to take. */
export const whilePollersRest = async ({ aws }: OpenLink, act: () => Promise<void>): Promise<void> => {
  const { mappings } = aws.gateway
  const become = async (enabled: boolean): Promise<void> => {
    for (const { uuid } of mappings.list()) mappings.change(uuid, { enabled })
    await mappings.settled()
  }
  await become(false)
  await act()
  await become(true)
}
