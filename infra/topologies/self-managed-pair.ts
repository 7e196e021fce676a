import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

const topics = ['orders', 'customers', 'shipments']
const access = { principals: { 'User:shop': 'User:shop', 'User:billing': 'User:billing' }, quotas: true }
const fence = {
  kind: 'acl',
  principals: ['User:shop', 'User:billing'],
  probe: { kind: 'scram-sha-512', secret: 'kafka/shop' },
} as const

/**
 * Brokers of one's own in two regions, reached with SCRAM over TLS that a private authority signed: active-standby, the same
 * topic names on both sides. Consumer groups follow, and what two applications may do.
 *
 *   ohio ──► dublin   forwards from the first deploy on
 *   ohio ◄── dublin   waits for a failover: it begins where that has ended
 *
 * All secrets are read in both regions. They are named, not given as ARNs, and Secrets Manager replicates them. With `kafka/shop`
 * it is proved that the fence keeps the shop from writing; its clients follow the parameter.
 */
export const topology = defineTopology({
  clusters: {
    ohio: {
      kind: 'self-managed',
      region: 'us-east-2',
      bootstrapServers: ['b-1.ohio.example.org:9093', 'b-2.ohio.example.org:9093', 'b-3.ohio.example.org:9093'],
      login: { kind: 'scram-sha-512', secret: 'kafka/ohio/twinshore' },
      caSecret: 'kafka/ohio/authority',
    },
    dublin: {
      kind: 'self-managed',
      region: 'eu-west-1',
      bootstrapServers: ['b-1.dublin.example.org:9093', 'b-2.dublin.example.org:9093', 'b-3.dublin.example.org:9093'],
      login: { kind: 'scram-sha-512', secret: 'kafka/dublin/twinshore' },
      caSecret: 'kafka/dublin/authority',
      secretKeys: ['arn:aws:kms:eu-west-1:111122223333:key/3f0c6a52-9d1e-4b7a-8c2d-5e6f7a8b9c0d'],
      network: {
        vpcId: 'vpc-0d1c2b3a4f5e60718',
        availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
        subnetIds: ['subnet-0d1c2b3a4f5e60711', 'subnet-0d1c2b3a4f5e60712', 'subnet-0d1c2b3a4f5e60713'],
        securityGroupIds: ['sg-0d1c2b3a4f5e60714'],
      },
    },
  },
  links: [
    {
      source: 'ohio',
      target: 'dublin',
      topics,
      onPoison: 'quarantine',
      thresholds: { standstillMs: 600_000 },
      excludeGroups: [/test-.*/],
      access,
    },
    { source: 'dublin', target: 'ohio', topics, excludeGroups: [/test-.*/], access },
  ],
  pairs: [
    {
      clusters: ['ohio', 'dublin'],
      failover: {
        active: 'ohio',
        fence: { ohio: fence, dublin: fence },
        clients: { kind: 'parameter', name: '/shop/active-kafka' },
      },
    },
  ],
})
