import { ReplicationError } from '../errors.ts'
import type { FenceChoice } from '../failover/failover-choice.ts'
import { tableName } from '../link-names.ts'
import type { Link, LinkAccess, Topology } from '../topology/topology.ts'

/** Where a link keeps the registry of the rights that it made: its table. */
export interface AccessRegistryPlace {
  readonly link: string
  readonly table: string
  readonly region: string
}

/** What the function that lets rights follow knows. */
export interface AccessOrder {
  readonly link: Link
  readonly access: LinkAccess
  /**
   * Registries of links that make rights on our source which came, or may have come, from our target: these would
   * return there, so that nothing that is revoked ever went away. Read, never written.
   */
  readonly returning: readonly AccessRegistryPlace[]
  /** Whom a failover away from our source denies to write there: no rights, and the target has to let them write then. */
  readonly fenced: readonly string[]
}

/** Throws `CONFIG_INVALID` when no rights follow on this link. */
export const accessOrder = (link: Link, { links, pairs }: Pick<Topology, 'links' | 'pairs'>): AccessOrder => {
  const { access } = link
  if (access === undefined)
    throw new ReplicationError('CONFIG_INVALID', `ordering the rights of ${link.name}: the link has no access`)
  const carrying = links.filter((other) => other.access !== undefined)
  const fromTarget = reachedFrom(link.target.name, carrying)
  const returning = carrying.filter(
    ({ source, target }) => target.name === link.source.name && fromTarget.has(source.name),
  )
  return {
    link,
    access,
    returning: returning.map((other) => ({ link: other.name, table: tableName(other), region: other.target.region })),
    fenced: pairs.flatMap(({ failover }) => deniedBy(failover?.fences[link.source.name] ?? [])),
  }
}

const deniedBy = (fences: readonly FenceChoice[]): readonly string[] =>
  fences.flatMap((fence) => (fence.kind === 'acl' ? fence.principals : []))

/** The clusters to which rights of `cluster` get, itself among them. */
const reachedFrom = (cluster: string, links: readonly Link[]): ReadonlySet<string> => {
  const reached = new Set([cluster])
  for (const from of reached) for (const { source, target } of links) if (source.name === from) reached.add(target.name)
  return reached
}
