import { includes } from '../topics/topic-inclusion.ts'
import { replicaName, replicaTemplate, sourceName } from '../topics/topic-naming.ts'
import type { TopicRecord } from '../topics/topic-record.ts'
import type { Link } from '../topology/topology.ts'

/**
 * A way from a topic of the source to a topic of the target, by the map of a link. `forward`: the link's own replica.
 * `back`: the topic of the source is itself the replica of what a reverse link reads on the target.
 */
export interface Way {
  readonly direction: 'forward' | 'back'
  /** The name of the link whose map leads there. */
  readonly link: string
  readonly topic: string
  readonly targetTopic: string
  /** The life of the topic that the map is about: of `topic`, or on the way back of `targetTopic`. */
  readonly incarnation: string
  /** Another way leads to the same topic, where records of several origins lie between each other. */
  readonly shared: boolean
}

/** `life`: of the topic of the source. `blocked`: why it leads nowhere. */
export type WaysOfTopic =
  | { readonly life: string; readonly ways: readonly [Way, ...Way[]] }
  | { readonly blocked: 'unmapped' | 'unknown-way'; readonly detail: string }

type WayLink = Pick<Link, 'name' | 'topics' | 'patterns' | 'exclude' | 'naming'> & {
  readonly source: { readonly name: string }
}

/** The topics of a cluster that it described, by name: their lives. */
export type Lives = ReadonlyMap<string, string>

export interface ReverseFacts {
  readonly link: WayLink
  /** What it remembers of its topics; absent: its table could not be read. */
  readonly topics?: ReadonlyMap<string, TopicRecord>
}

export interface WayFacts {
  readonly link: WayLink
  readonly topics: ReadonlyMap<string, TopicRecord>
  readonly reverses: readonly ReverseFacts[]
  readonly sourceLives: Lives
  readonly targetLives: Lives
  /** See `GroupOrder`: then no way leads forward that another one does not complete. */
  readonly roundabout?: boolean
}

interface Pairing {
  readonly direction: Way['direction']
  readonly link: string
  readonly topic: string
  readonly targetTopic: string
}

const ROUNDABOUT = 'what is written on the target comes here by further clusters, and no map says where it lies there'

/** All ways, by topic of the source. A topic that no link replicates is absent. */
export const groupWays = (facts: WayFacts): ((topic: string) => WaysOfTopic | undefined) => {
  const pairings = [...forwardPairings(facts), ...facts.reverses.flatMap(backPairings)]
  const byTopic = Map.groupBy(pairings, ({ topic }) => topic)
  const byTarget = Map.groupBy(pairings, ({ targetTopic }) => targetTopic)
  const isShared = ({ targetTopic }: Pairing): boolean => (byTarget.get(targetTopic)?.length ?? 0) > 1
  return (topic) => {
    const unread = facts.reverses.find(({ link, topics }) => topics === undefined && couldReturn(link, topic))
    if (unread !== undefined)
      return { blocked: 'unknown-way', detail: `the table of ${unread.link.name} could not be read` }
    const found = byTopic.get(topic)
    if (facts.roundabout && found?.some((pairing) => pairing.direction === 'forward' && !isShared(pairing)))
      return { blocked: 'unknown-way', detail: ROUNDABOUT }
    return found && waysOf(topic, found, isShared, facts)
  }
}

const waysOf = (
  topic: string,
  pairings: readonly Pairing[],
  isShared: (pairing: Pairing) => boolean,
  { sourceLives, targetLives }: WayFacts,
): WaysOfTopic => {
  const life = sourceLives.get(topic)
  if (life === undefined) return { blocked: 'unmapped', detail: `the source does not show a topic ${topic}` }
  const ways = pairings.flatMap((pairing): Way[] => {
    const targetLife = targetLives.get(pairing.targetTopic)
    if (targetLife === undefined) return []
    return [{ ...pairing, incarnation: pairing.direction === 'forward' ? life : targetLife, shared: isShared(pairing) }]
  })
  const [first, ...others] = ways
  if (first !== undefined) return { life, ways: [first, ...others] }
  return { blocked: 'unmapped', detail: `the target does not show a topic ${pairings[0]?.targetTopic ?? topic}` }
}

const forwardPairings = ({ link, topics }: WayFacts): Pairing[] =>
  replicasOf(link, topics).map(([topic, targetTopic]) => ({
    direction: 'forward',
    link: link.name,
    topic,
    targetTopic,
  }))

const backPairings = ({ link, topics = new Map() }: ReverseFacts): Pairing[] =>
  replicasOf(link, topics).map(([targetTopic, topic]) => ({ direction: 'back', link: link.name, topic, targetTopic }))

/** What the link remembers, and what it names: those it replicates also when nothing follows topics by itself. */
const replicasOf = (link: WayLink, topics: ReadonlyMap<string, TopicRecord>): (readonly [string, string])[] => {
  const template = replicaTemplate(link.naming, link.source.name)
  const named = link.topics.map((topic) => [topic, replicaName(template, topic)] as const)
  const known = [...topics].map(([topic, { targetTopic }]) => [topic, targetTopic] as const)
  return [...new Map([...named, ...known])]
}

/** Whether a topic of the source has the name that a link would give a replica there. */
const couldReturn = (link: WayLink, topic: string): boolean => {
  const original = sourceName(replicaTemplate(link.naming, link.source.name), topic)
  return original !== undefined && includes(link, original)
}
