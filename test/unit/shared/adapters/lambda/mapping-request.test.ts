import { describe, expect, it } from 'vitest'
import { mappingRequest, parseMapping } from '../../../../../shared/adapters/lambda/mapping-request.ts'
import { eventSourceMapping } from '../../../../../shared/domain/event-source-mapping.ts'
import type { TopologyInput } from '../../../../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, mskEast, mskWest, valid, west, withLink } from '../../domain/topology/topology-example.ts'

const PLACE = { partition: 'aws', region: 'eu-west-1', account: '111122223333' }

const requestOf = (input: TopologyInput) => {
  const [link] = defineTopology(input).links
  return link && mappingRequest(eventSourceMapping(link, 'orders', PLACE))
}

describe("a mapping in the words of Lambda's API", () => {
  it('reads a cluster of its own by its servers, with login, authority and network', () => {
    const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka'
    const clusters = { west: { ...west, caSecret: 'kafka/ca' }, east }
    expect(requestOf({ ...valid, clusters })).toEqual({
      Topics: ['orders'],
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10_000,
      SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['b-1.west.example.org:9093'] } },
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'twinshore.west-east.orders', ConsumptionMode: 'Stream' },
      SourceAccessConfigurations: [
        { Type: 'SASL_SCRAM_512_AUTH', URI: `${secret}/west` },
        { Type: 'SERVER_ROOT_CA_CERTIFICATE', URI: `${secret}/ca` },
        { Type: 'VPC_SUBNET', URI: 'subnet:subnet-0000000a' },
        { Type: 'VPC_SUBNET', URI: 'subnet:subnet-0000000b' },
        { Type: 'VPC_SECURITY_GROUP', URI: 'security_group:sg-0000000e' },
      ],
    })
  })

  it('reads MSK by its ARN, as the role of the function', () => {
    const clusters = { west: mskWest, east: { ...mskEast, network: east.network as never } }
    expect(requestOf({ ...withLink({ placement: 'source' }), clusters })).toEqual({
      Topics: ['orders'],
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10_000,
      EventSourceArn: mskWest.arn,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'twinshore.west-east.orders' },
    })
  })

  it('has a window and pollers where the link names them, and a login without a secret', () => {
    const pollers = { minimum: 1, maximum: 3, group: 'quiet' }
    const clusters = { west: mskWest, east: { ...mskEast, network: east.network as never } }
    expect(requestOf({ ...withLink({ pollers, batchWindowMs: 2_000 }), clusters })).toMatchObject({
      MaximumBatchingWindowInSeconds: 2,
      ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 3, PollerGroupName: 'quiet' },
      SourceAccessConfigurations: expect.arrayContaining([{ Type: 'IAM_AUTH' }]),
    })
  })
})

describe('a mapping as Lambda describes it', () => {
  const parse = (answer: object) => parseMapping(answer, new Set(['orders']), 'listing')

  it('is one of the stack when the topology names its topic', () => {
    const one = { UUID: 'u', State: 'Disabling' }
    expect(parse({ ...one, Topics: ['orders'] })).toEqual({
      id: 'u',
      topic: 'orders',
      state: 'Disabling',
      madeBy: 'stack',
    })
    expect(parse({ ...one, Topics: ['order'] })).toMatchObject({ madeBy: 'run-time' })
  })

  it('is none of ours without a topic, and an error in a state that nobody knows', () => {
    expect(parse({ UUID: 'u', State: 'Enabled' })).toBeUndefined()
    expect(() => parse({ UUID: 'u', State: 'Dreaming', Topics: ['orders'] })).toThrow(/u: its state is Dreaming/)
  })
})
