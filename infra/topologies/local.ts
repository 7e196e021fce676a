import type { LinkInput, Login, Network, SelfManagedClusterInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/** Two brokers on one machine, deployed to a local AWS. Where they listen is known only once they run. */
interface LocalCluster {
  readonly bootstrapServers: readonly string[]
  /** @default none, without TLS */
  readonly login?: Login
  readonly caSecret?: string
}

interface LocalWorld {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly topics?: readonly string[]
  /** Whatever else the link shall be like. */
  readonly link?: Partial<Omit<LinkInput, 'source' | 'target'>>
}

/** What synthesis uses where no world runs. */
const NO_WORLD: LocalWorld = {
  source: { bootstrapServers: ['127.0.0.1:19092'] },
  target: { bootstrapServers: ['127.0.0.1:29092'] },
}

const world: LocalWorld = process.env.TWINSHORE_LOCAL === undefined ? NO_WORLD : JSON.parse(process.env.TWINSHORE_LOCAL)

const network = (region: string, id: string): Network => ({
  vpcId: `vpc-${id}`,
  availabilityZones: [`${region}a`],
  subnetIds: [`subnet-${id}`],
  securityGroupIds: [`sg-${id}`],
})

const cluster = (region: string, id: string, local: LocalCluster): SelfManagedClusterInput => ({
  kind: 'self-managed',
  region,
  network: network(region, id),
  login: { kind: 'none' },
  tls: local.login !== undefined || local.caSecret !== undefined,
  ...local,
})

export const topology = defineTopology({
  protect: false,
  clusters: {
    west: cluster('us-west-2', '0123456789abcdef0', world.source),
    east: cluster('eu-west-1', '0fedcba9876543210', world.target),
  },
  links: [{ source: 'west', target: 'east', topics: world.topics ?? ['orders'], ...world.link }],
  pairs: [{ clusters: ['west', 'east'] }],
})
