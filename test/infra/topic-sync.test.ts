import { Match, type Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import type { TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { allowed, rights, synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'
const SYNC = 'twinshore-west-east-sync'
const REPLICATOR = 'function:twinshore-west-east-replicate'
const FUNCTION = 'AWS::Lambda::Function'
const SCHEDULE = 'AWS::Scheduler::Schedule'

/** What else follows has a function, rights and a schedule too. */
const stacksOf = ({ links, ...input }: TopologyInput) =>
  synthesise(defineTopology({ account, ...input, links: links.map((one) => ({ ...one, syncGroups: false })) }))
const syncOf = (input: TopologyInput): Template => templateOf(stacksOf(input), SYNC)

const msk = (changes: Parameters<typeof withLink>[0]): TopologyInput => ({
  ...withLink(changes),
  clusters: { west: mskWest, east: { ...mskEast, network: east.network as never } },
})

describe('the stack that keeps topics in step', () => {
  it('runs a function every minute that ends before the next minute', () => {
    const template = syncOf(valid)
    template.hasResourceProperties(FUNCTION, { FunctionName: 'twinshore-west-east-sync-topics', Timeout: 55 })
    template.resourceCountIs(SCHEDULE, 1)
    template.hasResourceProperties(SCHEDULE, {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: Match.absent(), // enabled
      Target: Match.objectLike({ Input: Match.absent() }), // an event without a mode applies
    })
  })

  it('has a pass that failed not brought again, neither by the schedule nor by Lambda: the next one does its work', () => {
    const template = syncOf(valid)
    template.hasResourceProperties(SCHEDULE, { Target: { RetryPolicy: { MaximumRetryAttempts: 0 } } })
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    })
  })

  it('starts the function of its own stack with a right that is good for nothing else', () => {
    const template = syncOf(valid)
    const [[id] = ['']] = Object.entries(template.findResources(FUNCTION))
    const arn = { 'Fn::GetAtt': [id, 'Arn'] }
    template.hasResourceProperties(SCHEDULE, { Target: { Arn: arn } })
    const [schedule] = Object.values(template.findResources(SCHEDULE))
    const role = schedule?.Properties.Target.RoleArn['Fn::GetAtt'][0]
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: role }],
      PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: arn }] },
    })
    expect(template.findResources('AWS::IAM::Role')[role]?.Properties.AssumeRolePolicyDocument.Statement).toEqual([
      expect.objectContaining({ Principal: { Service: 'scheduler.amazonaws.com' } }),
    ])
  })

  it('runs where the link is placed, in its network, with logs of its own', () => {
    const template = syncOf(withLink({ logRetentionDays: 90 }))
    template.hasResourceProperties(FUNCTION, {
      VpcConfig: { SubnetIds: east.network?.subnetIds, SecurityGroupIds: east.network?.securityGroupIds },
    })
    template.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain',
      Properties: { LogGroupName: '/aws/lambda/twinshore-west-east-sync-topics', RetentionInDays: 90 },
    })
    const atSource = stacksOf({ ...withLink({ placement: 'source' }), clusters: { west: mskWest, east: mskEast } })
    expect(atSource.get(SYNC)?.region).toBe('us-west-2')
    templateOf(atSource, SYNC).hasResourceProperties(FUNCTION, {
      VpcConfig: { SubnetIds: mskWest.network?.subnetIds },
    })
  })

  it('knows hundreds of topics, which no environment would hold', () => {
    const topics = Array.from({ length: 400 }, (_, index) => `a-topic-with-a-name-of-usual-length-${index}`)
    syncOf(withLink({ topics })).hasResourceProperties(FUNCTION, {
      Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
    })
  })

  it('is not there where topics are not to follow', () => {
    expect([...stacksOf(withLink({ syncTopics: false })).keys()]).toEqual([
      'twinshore-west-east-state',
      'twinshore-west-east-replication',
      'twinshore-west-east-watch',
    ])
  })

  it('comes after what it makes mappings for, and so goes before what takes them away', () => {
    expect(stacksOf(valid).get(SYNC)?.dependsOn.join()).toContain('westeastreplication')
  })
})

describe('what the function for topics may do', () => {
  it('with the table is to read and to remember', () => {
    expect(allowed(syncOf(valid), 'dynamodb')).toEqual({
      [`arn:<AWS::Partition>:dynamodb:eu-west-1:${account}:table/twinshore-west-east`]: [
        'BatchGetItem',
        'GetItem',
        'PutItem',
        'Query',
        'UpdateItem',
      ],
    })
  })

  it('with mappings is to make, change and remove those of the replicate function', () => {
    const template = syncOf(valid)
    const lambda = `lambda:eu-west-1:${account}`
    const [own = ''] = Object.keys(template.findResources(FUNCTION))
    expect(allowed(template, 'lambda')).toEqual({
      '*': ['CreateEventSourceMapping', 'ListEventSourceMappings'],
      [`arn:<AWS::Partition>:${lambda}:event-source-mapping:*`]: [
        'DeleteEventSourceMapping',
        'GetEventSourceMapping',
        'ListTags',
        'TagResource',
        'UpdateEventSourceMapping',
      ],
      [`<${own}.Arn>`]: ['InvokeFunction'], // the schedule's role
    })
    const replicator = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:${lambda}:${REPLICATOR}`]] }
    const bound = [
      'CreateEventSourceMapping',
      'GetEventSourceMapping',
      'UpdateEventSourceMapping',
      'DeleteEventSourceMapping',
    ]
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    )
    const conditions = statements
      .filter(({ Condition }) => Condition !== undefined)
      .flatMap(({ Action, Condition }) => [Action].flat().map((action) => [action, Condition]))
    expect(conditions).toEqual(
      bound.map((action) => [`lambda:${action}`, { ArnEquals: { 'lambda:FunctionArn': replicator } }]),
    )
  })

  const on = (side: 'west' | 'east', kind: 'cluster' | 'topic') => {
    const { arn } = side === 'west' ? mskWest : mskEast
    return kind === 'cluster' ? arn : `${arn.replace(':cluster/', ':topic/')}/*`
  }
  const groups = `${mskWest.arn.replace(':cluster/', ':group/')}/twinshore.west-east.*`
  const describing = ['DescribeTopic', 'DescribeTopicDynamicConfiguration']

  it('with MSK is to describe the source, and to make and change topics of the target, but no record', () => {
    expect(allowed(syncOf(msk({ onRecreate: 'fault' })), 'kafka-cluster')).toEqual({
      [on('west', 'cluster')]: ['Connect'],
      [on('west', 'topic')]: describing,
      [on('east', 'cluster')]: ['Connect'],
      [on('east', 'topic')]: ['AlterTopic', 'AlterTopicDynamicConfiguration', 'CreateTopic', ...describing],
    })
  })

  it('sets the groups of the link back where topics that are made again begin anew', () => {
    const all = allowed(syncOf(msk({ onRecreate: 'append' })), 'kafka-cluster')
    expect(all[groups]).toEqual(['AlterGroup', 'DescribeGroup'])
    expect(all[on('west', 'topic')]).toEqual([...describing, 'ReadData'])
  })

  it('deletes topics of the target only where the link says that they go with the source', () => {
    const removing = allowed(
      syncOf(msk({ onSourceDelete: { deleteAfterDays: 7 }, onRecreate: 'fault' })),
      'kafka-cluster',
    )
    expect(removing[on('east', 'topic')]).toContain('DeleteTopic')
    expect(removing[on('west', 'topic')]).toEqual(describing)
  })

  it('with clusters that IAM does not guard is to read the secrets of both', () => {
    const all = syncOf(valid)
    expect(allowed(all, 'kafka-cluster')).toEqual({})
    const secret = (name: string) => `arn:<AWS::Partition>:secretsmanager:eu-west-1:${account}:secret:${name}-??????`
    expect(allowed(all, 'secretsmanager')).toEqual({
      [secret('kafka/west')]: ['GetSecretValue'],
      [secret('kafka/east')]: ['GetSecretValue'],
    })
  })

  it("with the user's keys is what table and secrets need, and nothing else is allowed at all", () => {
    const key = `arn:aws:kms:eu-west-1:${account}:key/0a0b0c0d-0000-4000-8000-0a0b0c0d0e0f`
    const template = syncOf({ ...valid, encryptionKeys: { 'eu-west-1': key } })
    expect(allowed(template, 'kms')).toEqual({ [key]: ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey'] })
    const services = new Set([...rights(template)].map((right) => right.split(':')[0]))
    expect(services).toEqual(new Set(['dynamodb', 'ec2', 'kms', 'lambda', 'logs', 'secretsmanager']))
  })

  it('outside a network does not touch EC2', () => {
    const { network: _, ...outside } = east
    expect(allowed(syncOf({ ...valid, clusters: { ...valid.clusters, east: outside } }), 'ec2')).toEqual({})
    expect(allowed(syncOf({ ...valid, links: [link] }), 'ec2')['*']).toContain('CreateNetworkInterface')
  })
})
