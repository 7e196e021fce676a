import { Match } from 'aws-cdk-lib/assertions'
import { describe, it } from 'vitest'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, mskEast, mskWest, valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise, templateOf } from './synthesised.ts'

const MAPPING = 'AWS::Lambda::EventSourceMapping'
const REPLICATION = 'twinshore-west-east-replication'

describe('the pollers of a link', () => {
  it('are one mapping for each topic, of the same function', () => {
    const stacks = synthesise(defineTopology(withLink({ topics: ['orders', 'a.b', 'a-b'] })))
    const template = templateOf(stacks, REPLICATION)
    template.resourceCountIs(MAPPING, 3)
    for (const topic of ['orders', 'a.b', 'a-b'])
      template.hasResourceProperties(MAPPING, {
        Topics: [topic],
        StartingPosition: 'TRIM_HORIZON',
        SelfManagedKafkaEventSourceConfig: {
          ConsumerGroupId: `twinshore.west-east.${topic}`,
          ConsumptionMode: 'Stream',
        },
        FunctionName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ReplicatorFunction'), 'Arn'] },
      })
  })

  it('keep the batch for ever when the function fails', () => {
    templateOf(synthesise(defineTopology(valid)), REPLICATION).allResourcesProperties(MAPPING, {
      DestinationConfig: Match.absent(),
      MaximumRetryAttempts: Match.absent(),
      MaximumRecordAgeInSeconds: Match.absent(),
      FilterCriteria: Match.absent(),
    })
  })

  it('read MSK by its ARN, as the role of the function, where the link is placed at the source', () => {
    const clusters = { west: mskWest, east: { ...mskEast, network: east.network as never } }
    const stacks = synthesise(defineTopology({ ...withLink({ placement: 'source' }), clusters }))
    templateOf(stacks, REPLICATION).hasResourceProperties(MAPPING, {
      EventSourceArn: mskWest.arn,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'twinshore.west-east.orders' },
      SelfManagedEventSource: Match.absent(),
      SourceAccessConfigurations: Match.absent(),
    })
  })

  it('are reserved where the link asks for it', () => {
    const pollers = { minimum: 1, maximum: 3, group: 'quiet' }
    const stacks = synthesise(defineTopology(withLink({ pollers, batchWindowMs: 0 })))
    templateOf(stacks, REPLICATION).hasResourceProperties(MAPPING, {
      MaximumBatchingWindowInSeconds: 0,
      ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 3, PollerGroupName: 'quiet' },
    })
  })
})
