import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { type GroupOrder, groupOrder } from '../../shared/domain/groups/group-order.ts'
import type { SyncOrder } from '../../shared/domain/topics/sync-order.ts'
import { syncOrder } from '../../shared/domain/topics/sync-order.ts'
import type { Link, Naming, Topology } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

const REGION = 'eu-west-1'

export const BENCH_PLACE = { partition: 'aws', region: REGION, account: '000000000000' }
/** Lambda wants a network where brokers take everybody. */
const NETWORK = {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: [`${REGION}a`],
  subnetIds: ['subnet-0123456789abcdef0'],
  securityGroupIds: ['sg-0123456789abcdef0'],
}

interface BenchLink {
  readonly name: string
  readonly source: LocalCluster
  readonly target: LocalCluster
  /** Of the topics that are replicated. */
  readonly topics: readonly (string | RegExp)[]
  readonly naming: Naming
}

/** One link from one cluster of the bench to the other. */
const benchTopology = ({ name, source, target, topics, naming }: BenchLink): Topology => {
  const cluster = ({ bootstrapServers }: LocalCluster) => ({
    kind: 'self-managed' as const,
    region: REGION,
    network: NETWORK,
    bootstrapServers,
    tls: false,
    login: { kind: 'none' as const },
  })
  return defineTopology({
    installation: 'bench',
    clusters: { source: cluster(source), target: cluster(target) },
    links: [{ name, source: 'source', target: 'target', topics, naming, replicationFactor: 1, heartbeats: false }],
  })
}

/** A link as a topology makes it, for the function that keeps its topics in step. */
export const benchOrder = (link: BenchLink): SyncOrder => withLink(link, syncOrder)

/** The same for the function that moves its groups. */
export const benchGroupOrder = (link: BenchLink): GroupOrder => withLink(link, groupOrder)

const withLink = <Order>(wanted: BenchLink, orderOf: (link: Link, topology: Topology) => Order): Order => {
  const topology = benchTopology(wanted)
  const [link] = topology.links
  if (link === undefined) throw new Error('the topology has no link')
  return orderOf(link, topology)
}
