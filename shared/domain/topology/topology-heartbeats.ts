import { HEARTBEAT_TOPIC } from '../heartbeat/beat.ts'
import { isMatched } from '../topics/name-pattern.ts'
import { includes } from '../topics/topic-inclusion.ts'
import { replicaName, replicaTemplate, sourceName } from '../topics/topic-naming.ts'
import { originsOf } from '../topics/topic-origin.ts'
import type { Link } from './topology.ts'
import type { WrittenLink } from './topology-complete.ts'
import { type Mistake, mistakeIf } from './topology-mistake.ts'

/** The link with the topic of its beats among those that it replicates. */
export const withBeats = (link: Link): Link => ({
  ...link,
  heartbeats: true,
  topics: link.topics.includes(HEARTBEAT_TOPIC) ? link.topics : [...link.topics, HEARTBEAT_TOPIC],
})

/**
 * Where nobody said it, a link beats exactly if the topic that it would beat into is brought to its source by nobody, and its
 * replica is a topic of its own. Names that are kept may lead into a topic that others bring to the target as well, or that
 * the target itself writes its beats to; then records that say where they come from keep the latter apart. Without
 * `syncTopics` nobody would make the replica.
 */
export const withHeartbeats = (entries: readonly WrittenLink[]): readonly WrittenLink[] => {
  const beaters = entries.filter((entry) => entry.input.heartbeats ?? mayBeat(entry, entries))
  return entries.map((entry) =>
    beaters.includes(entry) && !entry.part.heartbeats && beaterOn(entry, beaters) === undefined
      ? { ...entry, part: withBeats(entry.part) }
      : entry,
  )
}

const mayBeat = (entry: WrittenLink, entries: readonly WrittenLink[]): boolean => {
  const { part } = entry
  if (!part.syncTopics || isMatched(HEARTBEAT_TOPIC, part.exclude) || isBroughtToo(entry, entries)) return false
  const flows = entries.map((one) => one.part)
  return originsOf(HEARTBEAT_TOPIC, part.source.name, flows, { listens: part.provenance }).size === 0
}

const templateOf = ({ naming, source }: Link): string => replicaTemplate(naming, source.name)

const replicaOf = (link: Link): string => replicaName(templateOf(link), HEARTBEAT_TOPIC)

/** Whether another link brings, or may bring, a topic of the name of the replica to the target. */
const isBroughtToo = (one: WrittenLink, entries: readonly WrittenLink[]): boolean =>
  entries.some((other) => {
    if (other === one || other.part.target.name !== one.part.target.name) return false
    const original = sourceName(templateOf(other.part), replicaOf(one.part))
    if (original === undefined) return false
    return (original === HEARTBEAT_TOPIC && other.input.heartbeats !== false) || includes(other.part, original)
  })

/** The link for which the target beats into the very topic that the beats of this one come to, and nothing tells them apart. */
const beaterOn = ({ part }: WrittenLink, beaters: readonly WrittenLink[]): Link | undefined => {
  if (replicaOf(part) !== HEARTBEAT_TOPIC) return undefined
  return beaters
    .map((beater) => beater.part)
    .find(({ source, provenance }) => source.name === part.target.name && !(provenance && part.provenance))
}

/** What is wrong with beats that somebody wants; that two links bring them to one topic is told with all other topics. */
export const checkHeartbeats = (entries: readonly WrittenLink[]): readonly Mistake[] => {
  const beaters = entries.filter(({ part }) => part.heartbeats)
  return entries.flatMap((entry) => {
    const { path, part, input } = entry
    const beater = input.heartbeats === true ? beaterOn(entry, beaters) : undefined
    return mistakeIf(
      beater !== undefined,
      `${path}.heartbeats`,
      `${part.target.name} would write its beats for ${beater?.name} into the replica of those of ${part.source.name}`,
      'leave it out, choose another naming, or let both links have provenance',
    )
  })
}
