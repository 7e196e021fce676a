import { inclusionOf } from '../topics/topic-inclusion.ts'
import { replicaName, replicaTemplate, sourceName } from '../topics/topic-naming.ts'
import type { Link } from './topology.ts'
import { beforeTopic, excludesAllFrom, namesOf, overlap } from './topology-circles.ts'
import { topicPath, type WrittenLink } from './topology-complete.ts'
import { type Mistake, mistakeIf } from './topology-mistake.ts'

const REMEDY = 'leave one of them out, or choose another naming'

/** Two topics that become one would mix their offsets, and what a group has read of each. */
export const checkReplicasAreDistinct = (entries: readonly WrittenLink[]): readonly Mistake[] => [
  ...checkNamed(entries),
  ...entries.flatMap((one) => entries.flatMap((other) => checkNamedAgainstFound(one, other))),
  ...entries.flatMap((one, index) => entries.slice(0, index).flatMap((earlier) => checkFound(one, earlier))),
]

const templateOf = ({ naming, source }: Link): string => replicaTemplate(naming, source.name)

/** Kafka itself refuses names that differ only in `.` and `_`, since its metrics write both as `_`. */
const asKafkaCompares = (topic: string): string => topic.replaceAll('.', '_')

const checkNamed = (entries: readonly WrittenLink[]): readonly Mistake[] => {
  const replicas = new Map<string, string>()
  return entries.flatMap((entry) => {
    const { part: link } = entry
    return [...new Set(link.topics)].flatMap((topic) => {
      const [from, replica] = [`${link.source.name}/${topic}`, replicaName(templateOf(link), topic)]
      const key = `${link.target.name} ${asKafkaCompares(replica)}`
      const earlier = replicas.get(key)
      if (earlier === undefined) replicas.set(key, `${from} by ${link.name}`)
      return mistakeIf(
        earlier !== undefined,
        topicPath(entry, topic),
        `${from} would become ${link.target.name}/${replica}, and so does ${earlier}`,
        REMEDY,
      )
    })
  })
}

const meet = (one: WrittenLink, other: WrittenLink): boolean =>
  one !== other && one.part.target.name === other.part.target.name

const checkNamedAgainstFound = (one: WrittenLink, other: WrittenLink): readonly Mistake[] => {
  if (!meet(one, other)) return []
  const { part } = one
  return part.topics.flatMap((topic) => {
    const replica = replicaName(templateOf(part), topic)
    const original = sourceName(templateOf(other.part), replica)
    return mistakeIf(
      original !== undefined && inclusionOf(other.part, original) === 'found',
      topicPath(one, topic),
      `${part.source.name}/${topic} would become ${part.target.name}/${replica}, and so would ${other.part.source.name}/${original}, which a pattern of ${other.part.name} finds`,
      REMEDY,
    )
  })
}

const checkFound = (one: WrittenLink, earlier: WrittenLink): readonly Mistake[] => {
  if (!meet(one, earlier) || !endAlike(one.part, earlier.part)) return []
  const beginning = foundAlike(one.part, earlier.part)
  return mistakeIf(
    beginning !== undefined,
    `${one.path}.topics`,
    `its patterns and those of ${earlier.part.name} may find topics that both become ${one.part.target.name}/${beginning}*`,
    'let the names carry their origin, or let the patterns begin with words that differ',
  )
}

const afterTopic = (link: Link): string => templateOf(link).split('{topic}').at(-1) ?? ''

const endAlike = (one: Link, other: Link): boolean =>
  afterTopic(one).endsWith(afterTopic(other)) || afterTopic(other).endsWith(afterTopic(one))

/** What replicas of both may begin with, unless they differ or one of the links excludes those. */
const foundAlike = (one: Link, other: Link): string | undefined =>
  beginnings(one)
    .flatMap((mine) => beginnings(other).map((theirs) => overlap(mine, theirs)))
    .find((both) => both !== undefined && ![one, other].some((link) => excludesReplicas(link, both)))

const beginnings = (link: Link): readonly string[] =>
  namesOf(link).flatMap((names) => (names.kind === 'from' ? [beforeTopic(link) + names.beginning] : []))

const excludesReplicas = (link: Link, beginning: string): boolean =>
  beginning.startsWith(beforeTopic(link)) && excludesAllFrom(link, beginning.slice(beforeTopic(link).length))
