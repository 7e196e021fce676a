import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/**
 * Two MSK clusters that only IAM can reach, active in both regions. Each link shows one placement:
 *
 *   use1 ──► euw1   placement `target`: function, pollers and state in eu-west-1, which must reach the brokers of
 *                   us-east-1 by peering. All that a failover to eu-west-1 needs is there.
 *   euw1 ──► use1   placement `source`: Lambda polls MSK by its ARN in eu-west-1, and the function appends across
 *                   regions. State is in us-east-1 all the same.
 */
export const topology = defineTopology({
  account: '111122223333',
  clusters: {
    use1: {
      kind: 'msk',
      region: 'us-east-1',
      arn: 'arn:aws:kafka:us-east-1:111122223333:cluster/orders/8f3b2c51-7a10-4d0e-9f4e-2a6f3d0c9b11-5',
      bootstrapServers: [
        'b-1.orders.a1b2c3.c5.kafka.us-east-1.amazonaws.com:9098',
        'b-2.orders.a1b2c3.c5.kafka.us-east-1.amazonaws.com:9098',
      ],
      login: { kind: 'iam' },
      network: {
        vpcId: 'vpc-0a1b2c3d4e5f60718',
        availabilityZones: ['us-east-1a', 'us-east-1b'],
        subnetIds: ['subnet-0a1b2c3d4e5f60711', 'subnet-0a1b2c3d4e5f60712'],
        securityGroupIds: ['sg-0a1b2c3d4e5f60713'],
      },
    },
    euw1: {
      kind: 'msk-serverless',
      region: 'eu-west-1',
      arn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/orders/1c0d9e8f-5b6a-4c3d-8e2f-7a9b0c1d2e3f-s2',
      bootstrapServers: ['boot-d4e5f6.c2.kafka-serverless.eu-west-1.amazonaws.com:9098'],
      login: { kind: 'iam' },
      network: {
        vpcId: 'vpc-0f1e2d3c4b5a69788',
        availabilityZones: ['eu-west-1a', 'eu-west-1b'],
        subnetIds: ['subnet-0f1e2d3c4b5a69781', 'subnet-0f1e2d3c4b5a69782'],
        securityGroupIds: ['sg-0f1e2d3c4b5a69783'],
      },
    },
  },
  links: [
    {
      source: 'use1',
      target: 'euw1',
      topics: ['orders', 'payments'],
      pollers: { minimum: 1, maximum: 4, group: 'orders' },
      batchWindowMs: 0,
    },
    { source: 'euw1', target: 'use1', topics: ['orders', 'payments'], placement: 'source' },
  ],
  pairs: [{ name: 'use1-euw1', clusters: ['use1', 'euw1'] }],
})
