import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/**
 * Brokers of one's own in two regions, reached with SCRAM over TLS that a private authority signed: active-standby, one
 * way, the same topic names on both sides. Consumer groups follow, and what two applications may do.
 *
 * All four secrets are read in eu-west-1, where the link runs. They are named, not given as ARNs, so that secrets which
 * Secrets Manager replicates to both regions serve a link in the other direction as well.
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
      topics: ['orders', 'customers', 'shipments'],
      onPoison: 'quarantine',
      thresholds: { standstillMs: 600_000 },
      excludeGroups: [/test-.*/],
      access: { principals: { 'User:shop': 'User:shop', 'User:billing': 'User:billing' }, quotas: true },
    },
  ],
  pairs: [{ clusters: ['ohio', 'dublin'] }],
})
