import { endsOf } from '../../check/log-reader.ts'
import { startStream } from '../../corpus/record-stream.ts'
import { growTopic } from '../../kafka/kafka-client.ts'
import { alterTopic, createTopics, describeTopics, topicNames, unsetTopic } from '../../kafka/local-topics.ts'
import { eventually } from '../../machine/eventually.ts'
import type { Stage } from './scenario.ts'
import {
  appendOnce,
  differences,
  ITEMS,
  ITEMS_LATER,
  LEFT_OUT,
  MAX_BYTES,
  ORDERS,
  ORDERS_LATER,
  openShop,
  PRICES,
  SHOP_TOPICS,
} from './shop-topics.ts'
import { type Traffic, written } from './traffic.ts'
import { untilInStep, type WatchedLink } from './watched-world.ts'

/** The schedule invokes once a minute, and its first time is a minute after the deploy. */
const SCHEDULED_WITHIN_MS = 90_000
export const SCHEDULED = 'shop.coupons'

/** The plan says what the first pass will do and what it leaves out, and changes nothing. */
export const planFirst = (stage: Stage, link: WatchedLink): Promise<void> =>
  stage.steps.show('topics are made on the source, and the plan says what will become of them', async () => {
    await openShop(link)
    const { leftOut } = await link.plan()
    const told = leftOut.filter(({ topic }) => topic in LEFT_OUT)
    const reasons = told.map(({ topic, because }) => `${topic} ${because}`).sort()
    const expected = Object.entries(LEFT_OUT).map((entry) => entry.join(' '))
    stage.check('topics left out, with their reasons', {
      held: reasons.join() === expected.sort().join(),
      measured: reasons.join(', '),
      expected: expected.join(', '),
    })
    const made = await topicNames(link.target)
    stage.check('topics that the plan made', { held: made.length === 0, measured: made.length, expected: 0 })
    for (const { topic, detail } of told) stage.steps.line(`  left out: ${topic}: ${detail}`)
  })

/** One pass makes them; a compacted one follows in two. */
export const followTopics = (stage: Stage, link: WatchedLink): Promise<void> =>
  stage.steps.show('the topics are on the target, with their partitions and settings', async (say) => {
    stage.steps.line('  the function that follows topics is invoked at once here, instead of once a minute')
    const first = await link.sync()
    const [waiting] = await describeTopics(link.target, [PRICES.name])
    const firstPolicy = waiting?.settings?.['cleanup.policy']
    await untilInStep(link, say)
    const [compacted] = await describeTopics(link.target, [PRICES.name])
    const policies = `${firstPolicy}, then ${compacted?.settings?.['cleanup.policy']}`
    stage.check('cleanup.policy of a topic with a keyless past, at first and when it is replicated', {
      held: policies === 'delete, then compact' && first.faulted.length === 0,
      measured: policies,
      expected: 'delete, then compact',
    })
    await same(
      stage,
      link,
      'partitions and settings that differ',
      SHOP_TOPICS.map(({ name }) => name),
    )
  })

const same = async (stage: Stage, link: WatchedLink, name: string, topics: readonly string[]): Promise<void> => {
  const found = await differences(link, topics)
  stage.check(name, {
    held: found.length === 0,
    measured: found.length === 0 ? 0 : found.map(({ topic, what }) => `${topic}: ${what}`).join(', '),
    expected: 0,
  })
}

/** Seconds from a topic's creation on the source until a record of it is on the target. */
export const firstRecord = async (
  link: WatchedLink,
  topic: string,
  invoke: (link: WatchedLink) => Promise<unknown>,
): Promise<number> => {
  const began = performance.now()
  await createTopics(link.source, [{ name: topic, partitions: 1 }])
  await appendOnce(link.source, topic, 1, null)
  await invoke(link)
  await untilArrived(link, topic)
  return (performance.now() - began) / 1000
}

export const untilArrived = async (link: WatchedLink, topic: string): Promise<void> => {
  const replica = link.targetTopic(topic)
  const isThere = async (): Promise<boolean> => {
    const there = (await describeTopics(link.target, [replica])).length > 0
    return there && (await endsOf(link.target, replica)).some((end) => end > 0n)
  }
  await eventually(`records of ${topic} on the target`, isThere, { withinMs: SCHEDULED_WITHIN_MS, everyMs: 50 })
}

/** A setting is changed and another one removed, and partitions are added and written to before the target has them. */
export const changeMidStream = (stage: Stage, link: WatchedLink, traffic: Traffic): Promise<void> =>
  stage.steps.show('a setting is changed, another one removed, and partitions are added in mid-stream', async (say) => {
    await alterTopic(link.source, ORDERS.name, ORDERS_LATER)
    await unsetTopic(link.source, ORDERS.name, MAX_BYTES)
    await growTopic(link.source, ITEMS.name, ITEMS_LATER)
    const fresh = Array.from({ length: ITEMS_LATER - ITEMS.partitions }, (_, at) => ITEMS.partitions + at)
    const stream = startStream(link.source, { topic: ITEMS.name, partitions: fresh, seed: traffic.seed() })
    traffic.add(stream)
    await written(stream, 1)
    await untilInStep(link, say)
    await same(stage, link, 'partitions and settings that differ after the changes', [ORDERS.name, ITEMS.name])
  })

/** So far the function was invoked at once, to save a minute each time; that the schedule does it shows here. */
export const bySchedule = (stage: Stage, link: WatchedLink, traffic: Traffic): Promise<number> =>
  stage.steps.show('one more topic is left to the schedule, which runs once a minute', async () => {
    await traffic.stop()
    const seconds = await firstRecord(link, SCHEDULED, async () => undefined)
    stage.check('seconds from the creation of a topic to its first record, by the schedule alone', {
      held: seconds <= SCHEDULED_WITHIN_MS / 1000,
      measured: seconds.toFixed(1),
      expected: `at most ${SCHEDULED_WITHIN_MS / 1000}`,
    })
    return Number(seconds.toFixed(1))
  })
