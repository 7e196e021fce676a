import type { Link, Topology } from '../topology/topology.ts'

/** What the function that moves the consumer groups of a link knows. */
export interface GroupOrder {
  readonly link: Link
  /** The links from its target to its source: positions in the replicas that they make travel back by this one. */
  readonly reverses: readonly Link[]
  /** The names of all links of the installation: their pollers have groups too, which nobody moves. */
  readonly linkNames: readonly string[]
}

export const groupOrder = (link: Link, { links }: Pick<Topology, 'links'>): GroupOrder => ({
  link,
  reverses: links.filter(({ source, target }) => source.name === link.target.name && target.name === link.source.name),
  linkNames: links.map(({ name }) => name),
})
