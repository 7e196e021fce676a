import { literalBeginning, matchesAllFrom } from '../topics/name-pattern.ts'
import { includes } from '../topics/topic-inclusion.ts'
import { carriesOrigin, replicaName, replicaTemplate } from '../topics/topic-naming.ts'
import type { TopicFlow } from '../topics/topic-origin.ts'

/** One name, or all names that begin alike: what a pattern finds, as far as can be told before anything runs. */
export type Names =
  | { readonly kind: 'one'; readonly name: string }
  | { readonly kind: 'from'; readonly beginning: string }

/** Topics of a cluster that come back to it, by the links in the order in which they are taken. */
export interface Circle<Flow> {
  readonly names: Names
  readonly flows: readonly Flow[]
}

export const namesOf = ({ topics, patterns }: TopicFlow): readonly Names[] => [
  ...topics.map((name) => ({ kind: 'one', name }) as const),
  ...patterns.map((pattern) => ({ kind: 'from', beginning: literalBeginning(pattern) }) as const),
]

/** The names that begin like both, if there may be any. */
export const overlap = (one: string, other: string): string | undefined => {
  if (one.startsWith(other)) return one
  return other.startsWith(one) ? other : undefined
}

export const excludesAllFrom = ({ exclude }: TopicFlow, beginning: string): boolean =>
  exclude.some((expression) => matchesAllFrom(expression, beginning))

/** What a flow takes of the names there are; rather too much than too little. */
const taken = (flow: TopicFlow, names: Names): readonly Names[] => {
  if (names.kind === 'one') return includes(flow, names.name) ? [names] : []
  return namesOf(flow).flatMap((wanted): readonly Names[] => {
    if (wanted.kind === 'one') return wanted.name.startsWith(names.beginning) ? [wanted] : []
    const beginning = overlap(names.beginning, wanted.beginning)
    return beginning === undefined || excludesAllFrom(flow, beginning) ? [] : [{ kind: 'from', beginning }]
  })
}

export const beforeTopic = ({ naming, source }: TopicFlow): string =>
  replicaTemplate(naming, source.name).split('{topic}')[0] ?? ''

const carried = (flow: TopicFlow, names: Names): Names =>
  names.kind === 'one'
    ? { kind: 'one', name: replicaName(replicaTemplate(flow.naming, flow.source.name), names.name) }
    : { kind: 'from', beginning: beforeTopic(flow) + names.beginning }

/** A name that grows on its way never returns as itself; names that a pattern finds may go on growing for ever. */
const isBack = (first: TopicFlow, start: Names, arrived: Names): boolean =>
  start.kind === 'one' && arrived.kind === 'one'
    ? start.name === arrived.name
    : start.kind === 'from' && taken(first, arrived).length > 0

interface Way<Flow> {
  readonly names: Names
  readonly flows: readonly [Flow, ...Flow[]]
}

const wayBack = <Flow extends TopicFlow>(
  first: Flow,
  start: Names,
  flows: readonly Flow[],
): Circle<Flow> | undefined => {
  const seen = new Set<string>()
  const ways: Way<Flow>[] = [{ names: carried(first, start), flows: [first] }]
  for (const way of ways) {
    const { name: cluster } = (way.flows.at(-1) ?? first).target
    if (cluster === first.source.name && isBack(first, start, way.names)) return { names: start, flows: way.flows }
    const place = `${cluster} ${JSON.stringify(way.names)}`
    if (!seen.has(place)) ways.push(...onwards(way, cluster, flows))
    seen.add(place)
  }
  return undefined
}

/** Each flow once: the names of a growing circle would have no end. */
const onwards = <Flow extends TopicFlow>(
  way: Way<Flow>,
  cluster: string,
  flows: readonly Flow[],
): readonly Way<Flow>[] =>
  flows
    .filter((flow) => flow.source.name === cluster && !way.flows.includes(flow))
    .flatMap((flow) =>
      taken(flow, way.names).map((names) => ({ names: carried(flow, names), flows: [...way.flows, flow] as const })),
    )

/**
 * A way that records of a flow's topics may take back to them, if there is one. A name that carries its origin tells at
 * run time where it must not go, so only flows without such names can make a circle.
 */
export const circleThrough = <Flow extends TopicFlow>(flow: Flow, flows: readonly Flow[]): Circle<Flow> | undefined => {
  if (carriesOrigin(flow.naming)) return undefined
  const nameless = flows.filter(({ naming }) => !carriesOrigin(naming))
  return namesOf(flow)
    .flatMap((names) => taken(flow, names))
    .map((names) => wayBack(flow, names, nameless))
    .find((circle) => circle !== undefined)
}
