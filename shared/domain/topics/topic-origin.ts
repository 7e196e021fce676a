import type { Cluster, Link } from '../topology/topology.ts'
import { includes } from './topic-inclusion.ts'
import { keepsName, replicaTemplate, sourceName } from './topic-naming.ts'

type Named = Pick<Cluster, 'name'>

/** What of a link says which topics come from where, and under which names. */
export type TopicFlow = Pick<Link, 'topics' | 'patterns' | 'exclude' | 'naming' | 'provenance'> & {
  readonly source: Named
  readonly target: Named
}

interface Place {
  readonly topic: string
  readonly cluster: string
  /** Whether every link from there to here has provenance: what one writes into a record, one without it does not keep true. */
  readonly heard: boolean
}

interface Origin extends Place {
  /** Whether each record says itself that it comes from there, and its name does not. */
  readonly told: boolean
}

/** Where a topic is copied from, one step back along each link that would make it. */
const sourcesOf = (place: Place, flows: readonly TopicFlow[]): readonly Origin[] =>
  flows.flatMap((flow) => {
    const { source, target, naming } = flow
    if (target.name !== place.cluster) return []
    const topic = sourceName(replicaTemplate(naming, source.name), place.topic)
    if (topic === undefined || !includes(flow, topic)) return []
    const heard = place.heard && flow.provenance
    return [{ topic, cluster: source.name, heard, told: heard && keepsName(naming) }]
  })

/**
 * The clusters that a topic on a cluster is copied from, directly or by way of others. Names are read only as the links
 * write them: where no link from `west` brings `orders`, a topic `west.orders` is a local one.
 *
 * A link that keeps names and has provenance makes no topic foreign to a link that `listens`, which is to have it too:
 * the records say themselves that they come from its source, and those written here may go there.
 */
export const originsOf = (
  topic: string,
  cluster: string,
  flows: readonly TopicFlow[],
  { listens = true }: { readonly listens?: boolean } = {},
): ReadonlySet<string> => {
  const seen = new Set<string>()
  const places: Place[] = [{ topic, cluster, heard: listens }]
  const origins = new Set<string>()
  for (const place of places) {
    for (const one of sourcesOf(place, flows)) {
      if (!one.told) origins.add(one.cluster)
      const key = `${one.cluster} ${one.topic} ${one.heard}`
      if (!seen.has(key)) places.push(one)
      seen.add(key)
    }
  }
  return origins
}
