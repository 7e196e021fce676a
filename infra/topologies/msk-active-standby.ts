import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

const topics = ['orders', 'payments']

/**
 * Two MSK clusters that only IAM can reach, of which one is active. All runs in the region of the target, which reaches the
 * brokers of the other region by peering.
 *
 * ACLs do not bind clients that log in by IAM: `deny-kafka-writes`, a function of the owner's in both regions, takes the right to
 * write away from the roles of the applications, and gives it back. Clients follow the parameter.
 */
export const topology = defineTopology({
  account: '111122223333',
  clusters: {
    use2: {
      kind: 'msk',
      region: 'us-east-2',
      arn: 'arn:aws:kafka:us-east-2:111122223333:cluster/orders/2b9d4f60-1c3e-4a57-8d92-6e7f8091a2b3-7',
      bootstrapServers: [
        'b-1.orders.b2c3d4.c7.kafka.us-east-2.amazonaws.com:9098',
        'b-2.orders.b2c3d4.c7.kafka.us-east-2.amazonaws.com:9098',
      ],
      login: { kind: 'iam' },
      network: {
        vpcId: 'vpc-0b1c2d3e4f5a60718',
        availabilityZones: ['us-east-2a', 'us-east-2b'],
        subnetIds: ['subnet-0b1c2d3e4f5a60711', 'subnet-0b1c2d3e4f5a60712'],
        securityGroupIds: ['sg-0b1c2d3e4f5a60713'],
      },
    },
    euc1: {
      kind: 'msk',
      region: 'eu-central-1',
      arn: 'arn:aws:kafka:eu-central-1:111122223333:cluster/orders/7d1e2f3a-4b5c-4d6e-9f70-8192a3b4c5d6-9',
      bootstrapServers: [
        'b-1.orders.e5f6a7.c9.kafka.eu-central-1.amazonaws.com:9098',
        'b-2.orders.e5f6a7.c9.kafka.eu-central-1.amazonaws.com:9098',
      ],
      login: { kind: 'iam' },
      network: {
        vpcId: 'vpc-0e1f2a3b4c5d69788',
        availabilityZones: ['eu-central-1a', 'eu-central-1b'],
        subnetIds: ['subnet-0e1f2a3b4c5d69781', 'subnet-0e1f2a3b4c5d69782'],
        securityGroupIds: ['sg-0e1f2a3b4c5d69783'],
      },
    },
  },
  links: [
    { source: 'use2', target: 'euc1', topics },
    { source: 'euc1', target: 'use2', topics },
  ],
  pairs: [
    {
      name: 'orders',
      clusters: ['use2', 'euc1'],
      failover: {
        active: 'use2',
        fence: {
          use2: { kind: 'function', name: 'deny-kafka-writes' },
          euc1: { kind: 'function', name: 'deny-kafka-writes' },
        },
        clients: { kind: 'parameter', name: '/orders/active-kafka' },
        limits: { lagRecords: 50_000 },
        drillEveryDays: 30,
      },
    },
  ],
})
