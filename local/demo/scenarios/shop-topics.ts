import { RecordAppender } from '../../corpus/record-appender.ts'
import { alterTopic, createTopics, describeTopics, type LocalTopic } from '../../kafka/local-topics.ts'
import { onePair } from '../../world/world-layout.ts'
import type { WatchedLink } from './watched-world.ts'

/** A link that finds its topics by a pattern. */
export const SHOP_LAYOUT = onePair([{ pattern: 'shop\\..+' }], {
  exclude: [{ pattern: '.+\\.private' }],
  batchWindowMs: 0,
})

const HOUR_MS = 3_600_000

export const MAX_BYTES = 'max.message.bytes'

export const ORDERS = {
  name: 'shop.orders',
  partitions: 3,
  settings: { 'retention.ms': String(24 * HOUR_MS), [MAX_BYTES]: '500000' },
} satisfies LocalTopic
export const ORDERS_LATER = { 'retention.ms': String(48 * HOUR_MS) }

export const ITEMS = { name: 'shop.items', partitions: 2 } satisfies LocalTopic
export const ITEMS_LATER = 4

export const CARTS = {
  name: 'shop.carts',
  partitions: 2,
  settings: { 'segment.bytes': '2000000' },
} satisfies LocalTopic

/** Becomes a compacted one when it holds records that a compacted topic refuses. */
export const PRICES = {
  name: 'shop.prices',
  partitions: 1,
  settings: { 'min.compaction.lag.ms': String(Number.MAX_SAFE_INTEGER) },
} satisfies LocalTopic

const COMPACTED = { 'cleanup.policy': 'compact' }

/** What is left out, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  payroll: 'not-included',
  'shop.salaries.private': 'excluded',
  'shop.videos': 'unsupported',
}

const TOO_LARGE = { [MAX_BYTES]: '8000000' }

export const SHOP_TOPICS = [ORDERS, ITEMS, CARTS, PRICES]

export const openShop = async ({ source }: Pick<WatchedLink, 'source'>): Promise<void> => {
  const leftOut = Object.keys(LEFT_OUT).map((name) => ({ name, partitions: 1 }))
  await createTopics(source, [...SHOP_TOPICS, ...leftOut])
  await alterTopic(source, 'shop.videos', TOO_LARGE)
  await appendPrices(source, null)
  await alterTopic(source, PRICES.name, COMPACTED)
  await appendPrices(source, Buffer.from('product'))
}

const PRICES_OF_A_KIND = 200

const appendPrices = (source: WatchedLink['source'], key: Buffer | null): Promise<void> =>
  appendOnce(source, PRICES.name, PRICES_OF_A_KIND, key)

/** One batch into the first partition. */
export const appendOnce = async (
  source: WatchedLink['source'],
  topic: string,
  records: number,
  key: Buffer | null,
): Promise<void> => {
  const appender = new RecordAppender(source)
  try {
    const batch = Array.from({ length: records }, (_, at) => ({
      key,
      value: Buffer.from(`${topic} ${at}`),
      headers: [],
      timestamp: Date.now(),
    }))
    await appender.append(topic, 0, batch, 'none')
  } finally {
    await appender.close()
  }
}

/** A replica keeps the timestamps of its source whatever they are, so these are its own. */
const OF_A_REPLICA = ['message.timestamp.type', 'message.timestamp.before.max.ms', 'message.timestamp.after.max.ms']

export interface Difference {
  readonly topic: string
  readonly what: string
}

/** In what the topics of both sides differ, besides what a replica has for itself. */
export const differences = async (link: WatchedLink, topics: readonly string[]): Promise<Difference[]> => {
  const sources = await describeTopics(link.source, topics)
  const targets = await describeTopics(link.target, topics.map(link.targetTopic))
  return topics.flatMap((topic) => {
    const one = sources.find(({ name }) => name === topic)
    const other = targets.find(({ name }) => name === link.targetTopic(topic))
    return differencesOf(one, other).map((what) => ({ topic, what }))
  })
}

const differencesOf = (one: LocalTopic | undefined, other: LocalTopic | undefined): string[] => {
  if (one === undefined || other === undefined) return [`on the ${one ? 'source' : 'target'} only`]
  const own = ({ settings = {} }: LocalTopic) =>
    new Map(Object.entries(settings).filter(([name]) => !OF_A_REPLICA.includes(name)))
  const [sourceOwn, targetOwn] = [own(one), own(other)]
  const names = new Set([...sourceOwn.keys(), ...targetOwn.keys()])
  const differing = [...names].filter((name) => sourceOwn.get(name) !== targetOwn.get(name))
  return one.partitions === other.partitions ? differing : ['partitions', ...differing]
}
