import { describe, expect, it } from 'vitest'
import { eventSourceMapping } from '../../../../shared/domain/event-source-mapping.ts'
import type { ClusterInput, Link, LinkInput } from '../../../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, west } from './topology/topology-example.ts'

const place = { partition: 'aws', region: 'eu-west-1', account: '111122223333' }

const linkOf = (source: ClusterInput, changes: Partial<LinkInput<'west' | 'east'>> = {}): Link => {
  const target = source.kind === 'self-managed' ? east : mskEast
  const [made] = defineTopology({
    clusters: { west: source, east: { ...target, network: east.network } as ClusterInput },
    links: [{ ...link, ...changes }],
  }).links
  if (made === undefined) throw new Error('the topology has no link')
  return made
}

const mapping = (source: ClusterInput, changes: Partial<LinkInput<'west' | 'east'>> = {}) =>
  eventSourceMapping(linkOf(source, changes), 'orders', place)

describe('the event source mapping of a topic', () => {
  it('reads self-managed brokers from inside the network of the placement', () => {
    expect(mapping({ ...west, caSecret: 'kafka/ca' })).toEqual({
      topics: ['orders'],
      startingPosition: 'TRIM_HORIZON',
      batchSize: 10_000,
      selfManagedEventSource: { endpoints: { kafkaBootstrapServers: west.bootstrapServers } },
      selfManagedKafkaEventSourceConfig: { consumerGroupId: 'twinshore.west-east.orders', consumptionMode: 'Stream' },
      sourceAccessConfigurations: [
        { type: 'SASL_SCRAM_512_AUTH', uri: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka/west' },
        { type: 'SERVER_ROOT_CA_CERTIFICATE', uri: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka/ca' },
        { type: 'VPC_SUBNET', uri: 'subnet:subnet-0000000a' },
        { type: 'VPC_SUBNET', uri: 'subnet:subnet-0000000b' },
        { type: 'VPC_SECURITY_GROUP', uri: 'security_group:sg-0000000e' },
      ],
    })
  })

  it('reads MSK by its ARN where the link is placed at the source', () => {
    expect(mapping(mskWest, { placement: 'source' })).toEqual({
      topics: ['orders'],
      startingPosition: 'TRIM_HORIZON',
      batchSize: 10_000,
      eventSourceArn: mskWest.arn,
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: 'twinshore.west-east.orders' },
    })
  })

  it('reads MSK like any Kafka from elsewhere, as the role of the function', () => {
    const read = mapping(mskWest)
    expect(read).toHaveProperty('selfManagedEventSource.endpoints.kafkaBootstrapServers', mskWest.bootstrapServers)
    expect(read).not.toHaveProperty('eventSourceArn')
    expect(read.sourceAccessConfigurations?.[0]).toEqual({ type: 'IAM_AUTH' })
  })

  it.each([
    ['plain', 'BASIC_AUTH'],
    ['scram-sha-256', 'SASL_SCRAM_256_AUTH'],
    ['scram-sha-512', 'SASL_SCRAM_512_AUTH'],
    ['mtls', 'CLIENT_CERTIFICATE_TLS_AUTH'],
  ] as const)('logs in with %s as %s', (kind, type) => {
    const { sourceAccessConfigurations } = mapping({ ...west, login: { kind, secret: 's' } })
    expect(sourceAccessConfigurations?.[0]?.type).toBe(type)
  })

  it('logs in to MSK by its ARN with a secret, complete ARNs as they are', () => {
    const secret = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:AmazonMSK_west-AbCdEf'
    const scram = { ...mskWest, login: { kind: 'scram-sha-512', secret } } as const
    const [made] = defineTopology({
      clusters: { west: scram, east: mskEast },
      links: [{ ...link, placement: 'source' }],
    }).links
    expect(made && eventSourceMapping(made, 'orders', place).sourceAccessConfigurations).toEqual([
      { type: 'SASL_SCRAM_512_AUTH', uri: secret },
    ])
  })

  it.each([
    [500, undefined],
    [0, 0],
    [2_000, 2],
  ])('gathers for %d ms by a window of %s s', (batchWindowMs, seconds) => {
    expect(mapping(west, { batchWindowMs }).maximumBatchingWindowInSeconds).toBe(seconds)
  })

  it('reserves pollers only where the link asks for them', () => {
    expect(mapping(west)).not.toHaveProperty('provisionedPollerConfig')
    expect(mapping(west, { pollers: { minimum: 2, maximum: 5, group: 'quiet' } }).provisionedPollerConfig).toEqual({
      minimumPollers: 2,
      maximumPollers: 5,
      pollerGroupName: 'quiet',
    })
  })

  it('has a group of its own for each installation, link and topic', () => {
    const groups = [mapping(west), mapping(west, { name: 'other' })].map((one) =>
      'selfManagedKafkaEventSourceConfig' in one ? one.selfManagedKafkaEventSourceConfig.consumerGroupId : 'none',
    )
    expect(groups).toEqual(['twinshore.west-east.orders', 'twinshore.other.orders'])
  })

  it('never gives up on a batch: no destination, no bound of attempts or age, nothing filtered', () => {
    for (const one of [mapping(west), mapping(mskWest, { placement: 'source' })])
      expect(
        Object.keys(one).filter((name) => /destination|retry|recordAge|filter|bisect|response/i.test(name)),
      ).toEqual([])
  })
})
