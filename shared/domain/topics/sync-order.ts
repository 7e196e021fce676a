import type { Link, Topology } from '../topology/topology.ts'
import type { PlannedFlow } from './topic-plan-facts.ts'

/** What the functions that keep a link in step know: the link itself, and where topics come from in its topology. */
export interface SyncOrder {
  readonly link: Link
  /** All links of the topology. */
  readonly flows: readonly PlannedFlow[]
}

export const syncOrder = (link: Link, { links }: Pick<Topology, 'links'>): SyncOrder => ({
  link,
  flows: links.map(({ topics, patterns, exclude, naming, provenance, source, target }) => ({
    topics,
    patterns,
    exclude,
    naming,
    provenance,
    source: identified(source),
    target: identified(target),
  })),
})

const identified = ({ name, clusterId }: Link['source']): PlannedFlow['source'] => ({
  name,
  ...(clusterId !== undefined && { clusterId }),
})
