import { originsOf } from '../topics/topic-origin.ts'
import type { Link } from './topology.ts'
import { type Circle, circleThrough } from './topology-circles.ts'
import { topicPath, type WrittenLink } from './topology-complete.ts'
import { type Mistake, mistakeIf } from './topology-mistake.ts'

/**
 * Records that come back to the topic they were written to would go round for ever. Names that carry their origin cannot
 * do that; others in a circle do, unless the records themselves say where they come from, all the way round. Each circle
 * of links is reported once, whatever the number of its topics.
 */
export const checkLoops = (entries: readonly WrittenLink[]): readonly Mistake[] => {
  const links = entries.map(({ part }) => part)
  const circles = new Map<string, Mistake>()
  for (const { path, part } of entries) {
    const circle = part.provenance ? undefined : circleThrough(part, links)
    if (circle === undefined) continue
    const key = circle.flows
      .map(({ name }) => name)
      .sort()
      .join(' ')
    if (!circles.has(key)) circles.set(key, loop(path, part, circle))
  }
  return [...circles.values(), ...entries.flatMap((entry) => checkReturns(entry, links))]
}

const loop = (path: string, { source }: Link, { names, flows }: Circle<Link>): Mistake => ({
  path: `${path}.naming`,
  reason: `records of ${source.name}/${names.kind === 'one' ? names.name : `${names.beginning}*`} would come back to it for ever, by ${flows.map(({ name }) => name).join(', ')}`,
  remedy:
    "choose naming 'prefix' on one of these links at least, let all of them have provenance, or have topics that differ",
})

/** A named topic that was copied from the target would bring it its own records, if only once. */
const checkReturns = (entry: WrittenLink, links: readonly Link[]): readonly Mistake[] => {
  const { part } = entry
  if (!part.provenance && circleThrough(part, links) !== undefined) return []
  const listening = { listens: part.provenance }
  return part.topics.flatMap((topic) =>
    mistakeIf(
      originsOf(topic, part.source.name, links, listening).has(part.target.name),
      topicPath(entry, topic),
      `records of ${part.source.name}/${topic} come from ${part.target.name}, and would return there`,
      'leave it out, or let this link and those that bring it have provenance',
    ),
  )
}
