import { ReplicationError } from '../errors.ts'
import type { Link, Topology, TopologyInput } from './topology.ts'
import { checkAccess } from './topology-check-access.ts'
import { checkCluster, checkClustersAreDistinct } from './topology-check-cluster.ts'
import { checkFailovers } from './topology-check-failover.ts'
import { checkGroups } from './topology-check-groups.ts'
import { checkInstallation, checkMskAccount } from './topology-check-installation.ts'
import { checkLink } from './topology-check-link.ts'
import { checkPairs } from './topology-check-pair.ts'
import { checkPollerGroups } from './topology-check-pollers.ts'
import { checkTopics } from './topology-check-topics.ts'
import { completeClusters, completeLinks, completePairs, completeTopology, type Written } from './topology-complete.ts'
import { checkHeartbeats } from './topology-heartbeats.ts'
import { checkLoops } from './topology-loops.ts'
import { type Mistake, mistakeIf, repeated } from './topology-mistake.ts'
import { checkReplicasAreDistinct } from './topology-replicas.ts'
import { checkShape, isUsableTopology } from './topology-shape.ts'

/** Every mistake of a topology at once: of its form, of each part, and of the parts together. */
export const checkTopology = (input: TopologyInput): readonly Mistake[] => {
  const form = checkShape(input)
  if (!isUsableTopology(input)) return form
  const clusters = completeClusters(input)
  const links = completeLinks(input, clusters)
  const pairs = completePairs(
    input,
    links.map(({ part }) => part),
  )
  return [
    ...form,
    ...checkInstallation(completeTopology(input)),
    ...clusters.flatMap(checkCluster),
    ...checkClustersAreDistinct(clusters),
    ...checkReferences(input),
    ...links.flatMap(({ path, part }) => checkLink(path, part)),
    ...links.flatMap(checkTopics),
    ...checkGroups(links),
    ...links.flatMap(checkAccess),
    ...links.flatMap((link) => checkMskAccount(input.account, link)),
    ...checkLinkNames(links),
    ...checkReplicasAreDistinct(links),
    ...checkLoops(links),
    ...checkHeartbeats(links),
    ...checkPollerGroups(links),
    ...checkPairs(
      pairs,
      links.map(({ part }) => part),
      input.links,
    ),
    ...checkFailovers(pairs, links),
  ]
}

/** Also looks at parts that are no use otherwise, hence the care. */
const checkReferences = ({ clusters, links, pairs = [] }: TopologyInput): readonly Mistake[] => {
  const known = Object.keys(clusters)
  const check = (path: string, name: unknown): readonly Mistake[] =>
    mistakeIf(
      typeof name === 'string' && !known.includes(name),
      path,
      `there is no cluster ${name}`,
      `name one of ${known.join(', ')}`,
    )
  return [
    ...links.flatMap((link, index) => [
      ...check(`links[${index}].source`, link?.source),
      ...check(`links[${index}].target`, link?.target),
      ...mistakeIf(
        link?.target !== undefined && link.source === link.target,
        `links[${index}].target`,
        `${link?.target} is its own source`,
        'link it with another cluster',
      ),
    ]),
    ...pairs.flatMap((pair, index) =>
      [pair?.clusters].flat().flatMap((name) => check(`pairs[${index}].clusters`, name)),
    ),
  ]
}

const checkLinkNames = (links: readonly Written<Link>[]): readonly Mistake[] =>
  repeated(links, ({ part }) => part.name).flatMap(({ one, earlier }) =>
    mistakeIf(true, `${one.path}.name`, `${one.part.name} is the name of ${earlier.path} too`, 'name each link'),
  )

/**
 * Completes what the user wrote with the defaults. Throws `CONFIG_INVALID` with all mistakes, before CloudFormation
 * sees anything.
 */
export const defineTopology = <const ClusterName extends string>(input: TopologyInput<ClusterName>): Topology => {
  const mistakes = checkTopology(input)
  if (mistakes.length === 0) return completeTopology(input)
  const lines = mistakes.map(({ path, reason, remedy }) => `\n  ${path}: ${reason}; ${remedy}`)
  throw new ReplicationError('CONFIG_INVALID', `reading the topology (mistakes: ${mistakes.length})${lines.join('')}\n`)
}
