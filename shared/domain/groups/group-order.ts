import type { Link, Topology } from '../topology/topology.ts'
import { circleThrough } from '../topology/topology-circles.ts'

/** What the function that moves the consumer groups of a link knows. */
export interface GroupOrder {
  readonly link: Link
  /** The links from its target to its source: positions in the replicas that they make travel back by this one. */
  readonly reverses: readonly Link[]
  /** The names of all links of the installation: their pollers have groups too, which nobody moves. */
  readonly linkNames: readonly string[]
  /** What is written on its target comes to its source by further clusters, so that no map here says where it lies there. */
  readonly roundabout: boolean
}

export const groupOrder = (link: Link, { links }: Pick<Topology, 'links'>): GroupOrder => {
  const isReverse = ({ source, target }: Link): boolean =>
    source.name === link.target.name && target.name === link.source.name
  const others = links.filter((other) => !isReverse(other))
  return {
    link,
    reverses: links.filter(isReverse),
    linkNames: links.map(({ name }) => name),
    roundabout: link.provenance && circleThrough(link, others) !== undefined,
  }
}
