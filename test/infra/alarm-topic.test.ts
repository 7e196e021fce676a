import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import type { TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { valid } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'
const REPLICATION = 'twinshore-west-east-replication'
const TOPIC = 'AWS::SNS::Topic'
const KEY = 'AWS::KMS::Key'
const CLOUDWATCH = { Service: 'cloudwatch.amazonaws.com' }

const stacksOf = (over: Pick<TopologyInput, 'encryptionKeys' | 'alarmTopics'> = {}) =>
  synthesise(defineTopology({ ...valid, account, ...over }))

describe('the topic that the alarms of a link tell', () => {
  const stacks = stacksOf()
  const template = templateOf(stacks, REPLICATION)

  it('is made once, and told by every alarm of every stack', () => {
    const told = [...stacks.values()].flatMap(({ template: of }) =>
      ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
        Object.values(of.findResources(type)).map(({ Properties }) => JSON.stringify(Properties.AlarmActions)),
      ),
    )
    expect(told.length).toBeGreaterThan(20)
    expect(new Set(told).size).toBe(1)
    expect(told[0]).toContain(`:sns:eu-west-1:${account}:twinshore-west-east-alarms`)
    expect([...stacks.values()].flatMap(({ template: of }) => Object.keys(of.findResources(TOPIC)))).toHaveLength(1)
    template.hasResourceProperties(TOPIC, { TopicName: 'twinshore-west-east-alarms' })
  })

  it('lets CloudWatch publish for this account alone, and nobody without TLS', () => {
    const [{ Properties } = { Properties: undefined }] = Object.values(template.findResources('AWS::SNS::TopicPolicy'))
    expect(Properties.PolicyDocument.Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      expect.objectContaining({
        ...{ Effect: 'Allow', Action: 'sns:Publish', Principal: CLOUDWATCH },
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    ])
  })

  it('is encrypted with a key that CloudWatch may use, as no key that AWS manages lets it', () => {
    const [keyId] = Object.keys(template.findResources(KEY))
    template.hasResourceProperties(TOPIC, { KmsMasterKeyId: { 'Fn::GetAtt': [keyId, 'Arn'] } })
    template.hasResourceProperties(KEY, {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Principal: CLOUDWATCH }),
        ]),
      },
    })
  })

  it('is encrypted with the key of the topology, where that names one', () => {
    const arn = `arn:aws:kms:eu-west-1:${account}:key/1c0d9e8f-5b6a-4c3d-8e2f-7a9b0c1d2e3f`
    const own = templateOf(stacksOf({ encryptionKeys: { 'eu-west-1': arn } }), REPLICATION)
    own.hasResourceProperties(TOPIC, { KmsMasterKeyId: arn })
    own.resourceCountIs(KEY, 0)
  })

  it('is not made where the topology names another', () => {
    const told = `arn:aws:sns:eu-west-1:${account}:operators`
    const none = templateOf(stacksOf({ alarmTopics: { 'eu-west-1': told } }), REPLICATION)
    none.resourceCountIs(TOPIC, 0)
    none.resourceCountIs(KEY, 0)
  })
})
