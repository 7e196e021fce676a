import type {
  LinkInput,
  MskClusterInput,
  SelfManagedClusterInput,
  TopologyInput,
} from '../../../../../shared/domain/topology/topology.ts'

/** Parts of a topology without a mistake, for tests to change one thing in. */
export const west: SelfManagedClusterInput = {
  kind: 'self-managed',
  region: 'us-west-2',
  bootstrapServers: ['b-1.west.example.org:9093'],
  login: { kind: 'scram-sha-512', secret: 'kafka/west' },
}

export const east: SelfManagedClusterInput = {
  kind: 'self-managed',
  region: 'eu-west-1',
  bootstrapServers: ['b-1.east.example.org:9093'],
  login: { kind: 'scram-sha-512', secret: 'kafka/east' },
  network: {
    vpcId: 'vpc-0000000e',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    subnetIds: ['subnet-0000000a', 'subnet-0000000b'],
    securityGroupIds: ['sg-0000000e'],
  },
}

export const mskWest: MskClusterInput = {
  kind: 'msk',
  region: 'us-west-2',
  arn: 'arn:aws:kafka:us-west-2:111122223333:cluster/west/aaaa-1',
  bootstrapServers: ['b-1.west.kafka.us-west-2.amazonaws.com:9098'],
  login: { kind: 'iam' },
  network: {
    vpcId: 'vpc-0000000f',
    availabilityZones: ['us-west-2a'],
    subnetIds: ['subnet-0000000f'],
    securityGroupIds: ['sg-0000000f'],
  },
}

export const mskEast: MskClusterInput = {
  kind: 'msk',
  region: 'eu-west-1',
  arn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/east/bbbb-2',
  bootstrapServers: ['b-1.east.kafka.eu-west-1.amazonaws.com:9098'],
  login: { kind: 'iam' },
}

type Name = 'west' | 'east'

/** Without beats, so that its topics are those that it names. */
export const link: LinkInput<Name> = { source: 'west', target: 'east', topics: ['orders'], heartbeats: false }

export const valid: TopologyInput<Name> = {
  clusters: { west, east },
  links: [link],
  pairs: [{ clusters: ['west', 'east'] }],
}

export const withLink = (changes: Partial<LinkInput<Name>>): TopologyInput<Name> => ({
  ...valid,
  links: [{ ...link, ...changes }],
})

export const withWest = (changes: Partial<SelfManagedClusterInput>): TopologyInput<Name> => ({
  ...valid,
  clusters: { west: { ...west, ...changes }, east },
})
