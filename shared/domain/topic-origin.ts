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

interface Origin extends Place {
  /** Whether each record says itself that it comes from there, and the name says nothing. */
  readonly told: boolean
}

/** Where a topic is copied from, one step back along each link that would make it. */
const sourcesOf = ({ topic, cluster }: Place, flows: readonly TopicFlow[]): readonly Origin[] =>
  flows.flatMap((flow) => {
    const { source, target, naming, provenance } = flow
    if (target.name !== cluster) return []
    const original = sourceName(replicaTemplate(naming, source.name), topic)
    if (original === undefined || !includes(flow, original)) return []
    return [{ topic: original, cluster: source.name, told: keepsName(naming) && provenance }]
  })

/**
 * The clusters that a topic on a cluster is copied from, directly or by way of others. Names are read only as the links
 * write them: where no link from `west` brings `orders`, a topic `west.orders` is a local one.
 *
 * A link that keeps names and has provenance makes no topic foreign: its records tell themselves that they come from its
 * source, and those written here may go there. What came to that source by other links they may not tell.
 */
export const originsOf = (topic: string, cluster: string, flows: readonly TopicFlow[]): ReadonlySet<string> => {
  const seen = new Set<string>()
  const places: Place[] = [{ topic, cluster }]
  const origins = new Set<string>()
  for (const place of places) {
    for (const one of sourcesOf(place, flows)) {
      if (!one.told) origins.add(one.cluster)
      const key = `${one.cluster} ${one.topic}`
      if (!seen.has(key)) places.push(one)
      seen.add(key)
    }
  }
  return origins
}
