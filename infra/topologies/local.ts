import type { PairFailoverInput } from '../../shared/domain/failover/failover-choice.ts'
import type {
  LinkInput,
  Login,
  Network,
  SelfManagedClusterInput,
  Topology,
} from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/** Brokers on one machine, deployed to a local AWS. Where they listen is known only once they run. */
export interface LocalCluster {
  readonly region: string
  readonly bootstrapServers: readonly string[]
  /** @default none, without TLS */
  readonly login?: Login
  readonly caSecret?: string
}

/** A name, or a pattern in a form that JSON can hold. */
export type LocalName = string | { readonly pattern: string }

export interface LocalLink
  extends Omit<LinkInput, 'topics' | 'exclude' | 'excludeSettings' | 'groups' | 'excludeGroups'> {
  readonly topics: readonly LocalName[]
  readonly exclude?: readonly LocalName[]
  readonly groups?: readonly LocalName[]
  readonly excludeGroups?: readonly LocalName[]
}

/** What `TWINSHORE_LOCAL` holds as JSON. The ends of the first link are a pair, which fails over where it says so. */
export interface LocalWorld {
  readonly clusters: Readonly<Record<string, LocalCluster>>
  readonly links: readonly [LocalLink, ...LocalLink[]]
  readonly failover?: PairFailoverInput
}

/** What synthesis uses where no world runs. */
const NO_WORLD: LocalWorld = {
  clusters: {
    west: { region: 'us-west-2', bootstrapServers: ['127.0.0.1:19092'] },
    east: { region: 'eu-west-1', bootstrapServers: ['127.0.0.1:29092'] },
  },
  links: [{ source: 'west', target: 'east', topics: ['orders'] }],
}

/** Networks are not built, so that clusters of one region may share one. */
const network = (region: string): Network => ({
  vpcId: 'vpc-0fedcba9876543210',
  availabilityZones: [`${region}a`],
  subnetIds: ['subnet-0fedcba9876543210'],
  securityGroupIds: ['sg-0fedcba9876543210'],
})

const cluster = (local: LocalCluster): SelfManagedClusterInput => ({
  kind: 'self-managed',
  network: network(local.region),
  login: { kind: 'none' },
  tls: local.login !== undefined || local.caSecret !== undefined,
  ...local,
})

const nameOf = (name: LocalName): string | RegExp => (typeof name === 'string' ? name : new RegExp(name.pattern))

const link = ({ topics, exclude = [], groups, excludeGroups = [], ...settings }: LocalLink): LinkInput => ({
  heartbeats: false, // a world shows one thing at a time
  ...settings,
  topics: topics.map(nameOf),
  exclude: exclude.map(nameOf),
  ...(groups !== undefined && { groups: groups.map(nameOf) }),
  excludeGroups: excludeGroups.map(nameOf),
})

export const localTopology = ({ clusters, links, failover }: LocalWorld): Topology =>
  defineTopology({
    protect: false,
    clusters: Object.fromEntries(Object.entries(clusters).map(([name, local]) => [name, cluster(local)])),
    links: links.map(link),
    pairs: [{ clusters: [links[0].source, links[0].target], ...(failover && { failover }) }],
  })

export const topology = localTopology(
  process.env.TWINSHORE_LOCAL === undefined ? NO_WORLD : JSON.parse(process.env.TWINSHORE_LOCAL),
)
