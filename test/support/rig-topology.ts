import { LOCAL_CREDENTIALS } from '../../local/aws/aws.ts'
import { topologyAccess } from '../../local/world/world-security.ts'
import type { Link, LinkInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import type { Rig } from './replication-rig.ts'
import type { RigCluster } from './rig-cluster.ts'

export interface LinkOptions extends Partial<Omit<LinkInput, 'source' | 'target'>> {
  /** From the target to the source. */
  readonly reverse?: boolean
  /** Shorter than a topology takes it, for tests that wait for it. */
  readonly quickTimeoutMs?: number
}

/** Where links of a rig are: functions, tables, buckets and secrets. */
export const RIG_REGION = 'eu-west-1'

export const RIG_ACCOUNT = LOCAL_CREDENTIALS.AWS_ACCESS_KEY_ID
export const RIG_CREDENTIALS = { accessKeyId: RIG_ACCOUNT, secretAccessKey: LOCAL_CREDENTIALS.AWS_SECRET_ACCESS_KEY }

/** Lambda wants one where brokers take everybody. */
const NETWORK = {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: [`${RIG_REGION}a`],
  subnetIds: ['subnet-0123456789abcdef0'],
  securityGroupIds: ['sg-0123456789abcdef0'],
}

let links = 0

/** A link as a topology makes it, from one cluster of the rig to the other. */
export const linkOf = (rig: Rig, { reverse = false, quickTimeoutMs: _, ...input }: LinkOptions): Link => {
  const cluster = ({ cluster }: RigCluster) => ({
    kind: 'self-managed' as const,
    region: RIG_REGION,
    network: NETWORK,
    tls: cluster.login.kind !== 'none',
    login: { kind: 'none' as const },
    ...topologyAccess(cluster),
  })
  const name = input.name ?? `link-${links++}`
  const { links: made } = defineTopology({
    clusters: { source: cluster(rig.source), target: cluster(rig.target) },
    links: [
      {
        naming: `${name}.{topic}`,
        heartbeats: false,
        ...input,
        name,
        topics: input.topics ?? ['any'],
        ...(reverse ? { source: 'target', target: 'source' } : { source: 'source', target: 'target' }),
      },
    ],
  })
  const [link] = made
  if (link === undefined) throw new Error('the topology has no link')
  return link
}
