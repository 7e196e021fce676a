import { deployedEnvironment } from '../shared/adapters/lambda/deployed-function.ts'
import { connectLink, type LinkConnections } from '../shared/adapters/link-connections.ts'
import { startDeadline } from '../shared/adapters/running-deadline.ts'
import { loadTopology } from '../shared/config/load-topology.ts'
import { parseReplicateConfig } from '../shared/config/replicate-config.ts'
import { ReplicationError } from '../shared/domain/errors.ts'
import { replicatorName } from '../shared/domain/link-names.ts'
import { replicaName } from '../shared/domain/topics/topic-naming.ts'
import { type Link, placementOf, type Topology } from '../shared/domain/topology/topology.ts'
import type { StartedDeadline } from '../shared/usecases/ports.ts'

/** A deployed link as its function sees it, for as long as a command takes. */
export interface DeployedLink extends LinkConnections {
  readonly link: Link
  readonly targetTopic: (sourceTopic: string) => string
  readonly deadline: StartedDeadline
}

/** Reads the configuration from the deployed function, so that the command and the function agree on everything. */
export const connectDeployedLink = async (topology: string, name: string, withinMs: number): Promise<DeployedLink> => {
  const link = findLink(await loadTopology(topology), name)
  const { region } = placementOf(link)
  const config = parseReplicateConfig(await deployedEnvironment(region, replicatorName(link)))
  const connections = connectLink({ ...config, secretsRegion: region })
  const deadline = startDeadline(withinMs)
  return {
    ...connections,
    link,
    targetTopic: (topic) => replicaName(config.link.replicaTemplate, topic),
    deadline,
    close: () => {
      deadline.end()
      connections.close()
    },
  }
}

/** Throws `CONFIG_INVALID` with the links that there are. */
export const findLink = ({ links }: Topology, name: string): Link => {
  const link = links.find((candidate) => candidate.name === name)
  if (link !== undefined) return link
  const known = links.map((candidate) => candidate.name).join(', ')
  throw new ReplicationError('CONFIG_INVALID', `looking for the link ${name}: the topology has ${known}`)
}
