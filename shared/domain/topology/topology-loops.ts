import { replicaName, replicaTemplate } from '../topic-naming.ts'
import type { Link } from './topology.ts'
import type { Written } from './topology-complete.ts'
import { type Mistake, mistakeIf } from './topology-mistake.ts'

interface Hop {
  readonly link: Link
  readonly topic: string
  readonly from: string
  readonly to: string
}

/** No topic name holds a blank, so these keys are distinct. */
const place = (cluster: string, topic: string): string => `${cluster} ${topic}`

const hopsOf = (link: Link): readonly Hop[] => {
  const template = replicaTemplate(link.naming, link.source.name)
  return [...new Set(link.topics)].map((topic) => ({
    link,
    topic,
    from: place(link.source.name, topic),
    to: place(link.target.name, replicaName(template, topic)),
  }))
}

/** The way back from where `first` leads to where it begins, if there is one. */
const wayBack = (first: Hop, leaving: ReadonlyMap<string, readonly Hop[]>): readonly Hop[] | undefined => {
  const seen = new Set<string>()
  const paths: (readonly [Hop, ...Hop[]])[] = [[first]]
  for (const path of paths) {
    const { to } = path.at(-1) ?? first
    if (to === first.from) return path
    if (seen.has(to)) continue
    seen.add(to)
    for (const next of leaving.get(to) ?? []) paths.push([...path, next])
  }
  return undefined
}

/**
 * Records that come back to the topic they were written to would go round for ever. Names that carry their origin cannot
 * do that; identity in a circle does. Each circle of links is reported once, whatever the number of its topics.
 */
export const checkLoops = (entries: readonly Written<Link>[]): readonly Mistake[] => {
  const hops = entries.flatMap(({ part }) => hopsOf(part))
  const leaving = Map.groupBy(hops, ({ from }) => from)
  const circles = new Map<string, Mistake>()
  for (const hop of hops) {
    const circle = wayBack(hop, leaving)
    if (circle === undefined) continue
    const key = circle
      .map(({ link }) => link.name)
      .sort()
      .join(' ')
    if (!circles.has(key)) circles.set(key, loop(entries, hop, circle))
  }
  return [...circles.values()]
}

const loop = (entries: readonly Written<Link>[], { link, from }: Hop, circle: readonly Hop[]): Mistake => ({
  path: `${entries.find((entry) => entry.part === link)?.path}.naming`,
  reason: `records of ${from.replace(' ', '/')} would come back to it for ever, by ${circle.map((hop) => hop.link.name).join(', ')}`,
  remedy: "choose naming 'prefix' on one of these links at least, or take the topic out of it",
})

/** Kafka itself refuses names that differ only in `.` and `_`, since its metrics write both as `_`. */
const asKafkaCompares = (topic: string): string => topic.replaceAll('.', '_')

/** Two topics that become one would mix their offsets. */
export const checkReplicasAreDistinct = (entries: readonly Written<Link>[]): readonly Mistake[] => {
  const replicas = new Map<string, string>()
  return entries.flatMap(({ path, part: link }) =>
    hopsOf(link).flatMap(({ topic, from, to }) => {
      const key = asKafkaCompares(to)
      const earlier = replicas.get(key)
      if (earlier === undefined) replicas.set(key, `${from.replace(' ', '/')} by ${link.name}`)
      return mistakeIf(
        earlier !== undefined,
        `${path}.topics[${link.topics.indexOf(topic)}]`,
        `${from.replace(' ', '/')} would become ${to.replace(' ', '/')}, and so does ${earlier}`,
        'leave one of them out, or choose another naming',
      )
    }),
  )
}
