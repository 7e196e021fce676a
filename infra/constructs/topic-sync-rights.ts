import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { consumerGroup, replicatorName } from '../../shared/domain/link-names.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { isMsk, type Link } from '../../shared/domain/topology/topology.ts'
import { allow, attachToNetwork, kafkaActions, readSecrets, within } from './link-rights.ts'

/** What keeps the topics of a link in step may do besides its table and logs. It polls and appends no record. */
export const topicSyncRights = (link: Link, place: AwsPlace): readonly PolicyStatement[] => [
  ...describeSource(link),
  ...rewindGroups(link),
  ...keepTarget(link),
  ...readSecrets(link, place),
  ...attachToNetwork(link),
  ...switchMappings(link, place),
]

const DESCRIBE = ['DescribeTopic', 'DescribeTopicDynamicConfiguration']

const describeSource = ({ source }: Link): PolicyStatement[] => {
  if (!isMsk(source) || source.login.kind !== 'iam') return []
  return [
    ...allow(kafkaActions(['Connect']), [source.arn]),
    ...allow(kafkaActions(DESCRIBE), [within(source, 'topic', '*')]),
  ]
}

/** Only who may read a topic may set positions in it; that is done for topics that were made again, where they begin anew. */
const rewindGroups = ({ source, onRecreate, ...link }: Link): PolicyStatement[] => {
  if (!isMsk(source) || source.login.kind !== 'iam' || onRecreate !== 'append') return []
  return [
    ...allow(kafkaActions(['ReadData']), [within(source, 'topic', '*')]),
    ...allow(kafkaActions(['AlterGroup', 'DescribeGroup']), [within(source, 'group', consumerGroup(link, '*'))]),
  ]
}

/** The names of replicas follow the source, so that none can be named beforehand. */
const keepTarget = ({ target, onSourceDelete }: Link): PolicyStatement[] => {
  if (!isMsk(target) || target.login.kind !== 'iam') return []
  const change = ['CreateTopic', 'AlterTopic', 'AlterTopicDynamicConfiguration']
  const remove = onSourceDelete === 'keep' ? [] : ['DeleteTopic']
  return [
    ...allow(kafkaActions(['Connect']), [target.arn]),
    ...allow(kafkaActions([...DESCRIBE, ...change, ...remove]), [within(target, 'topic', '*')]),
  ]
}

/** Lambda lists mappings under no resource; all else is bound to the mappings of this link's function. */
const switchMappings = (link: Link, { partition, region, account }: AwsPlace): PolicyStatement[] => {
  const lambda = (kind: string, name: string): string => `arn:${partition}:lambda:${region}:${account}:${kind}:${name}`
  const mappings = lambda('event-source-mapping', '*')
  const ofTheFunction = {
    ArnEquals: { 'lambda:FunctionArn': lambda('function', replicatorName(link)) },
  }
  const change = ['GetEventSourceMapping', 'UpdateEventSourceMapping', 'DeleteEventSourceMapping']
  return [
    new PolicyStatement({ actions: ['lambda:ListEventSourceMappings'], resources: ['*'] }),
    new PolicyStatement({
      actions: ['lambda:CreateEventSourceMapping'],
      resources: ['*'],
      conditions: ofTheFunction,
    }),
    new PolicyStatement({
      actions: change.map((action) => `lambda:${action}`),
      resources: [mappings],
      conditions: ofTheFunction,
    }),
    new PolicyStatement({ actions: ['lambda:ListTags', 'lambda:TagResource'], resources: [mappings] }),
  ]
}
