import { includes } from './topic-inclusion.ts'
import { keepsName, replicaTemplate, sourceName } from './topic-naming.ts'
import type { Cluster, Link } from './topology/topology.ts'

type Named = Pick<Cluster, 'name'>

/** What of a link says which topics come from where, and under which names. */
export type TopicFlow = Pick<Link, 'topics' | 'patterns' | 'exclude' | 'naming' | 'provenance'> & {
  readonly source: Named
  readonly target: Named
}

interface Place {
  readonly topic: string
  readonly cluster: string
}

/** Where a topic is copied from, one step back along each link that would make it. */
const sourcesOf = ({ topic, cluster }: Place, flows: readonly TopicFlow[]): readonly Place[] =>
  flows.flatMap((flow) => {
    if (flow.target.name !== cluster || (keepsName(flow.naming) && flow.provenance)) return []
    const original = sourceName(replicaTemplate(flow.naming, flow.source.name), topic)
    return original !== undefined && includes(flow, original) ? [{ topic: original, cluster: flow.source.name }] : []
  })

/**
 * The clusters that a topic on a cluster is copied from, directly or by way of others. Names are read only as the links
 * write them: where no link from `west` brings `orders`, a topic `west.orders` is a local one.
 *
 * A link that keeps names and has provenance makes no topic foreign: its records tell themselves where they come from,
 * and those written here may leave.
 */
export const originsOf = (topic: string, cluster: string, flows: readonly TopicFlow[]): ReadonlySet<string> => {
  const seen = new Set<string>()
  const places: Place[] = [{ topic, cluster }]
  const origins = new Set<string>()
  for (const place of places) {
    for (const one of sourcesOf(place, flows)) {
      origins.add(one.cluster)
      const key = `${one.cluster} ${one.topic}`
      if (!seen.has(key)) places.push(one)
      seen.add(key)
    }
  }
  return origins
}
