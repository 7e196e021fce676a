import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { GroupOrder } from '../../shared/domain/groups/group-order.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { replicaName, replicaTemplate } from '../../shared/domain/topics/topic-naming.ts'
import { isMsk, type Link } from '../../shared/domain/topology/topology.ts'
import { allow, attachToNetwork, kafkaActions, readSecrets, within } from './link-rights.ts'

/** What moves the groups of a link may do besides tables and logs. It polls and appends no record. */
export const groupSyncRights = ({ link, reverses }: GroupOrder, place: AwsPlace): readonly PolicyStatement[] => [
  ...describeGroups(link.source),
  ...describeGroups(link.target),
  ...commitOnTarget(link, reverses),
  ...readSecrets(link, place),
  ...attachToNetwork(link),
]

/** Patterns choose the groups, and IAM cannot say a pattern. */
export const describeGroups = (cluster: Link['source']): PolicyStatement[] => {
  if (!isMsk(cluster) || cluster.login.kind !== 'iam') return []
  return [
    ...allow(kafkaActions(['Connect']), [cluster.arn]),
    ...allow(kafkaActions(['DescribeTopic']), [within(cluster, 'topic', '*')]),
    ...allow(kafkaActions(['DescribeGroup']), [within(cluster, 'group', '*')]),
  ]
}

/** Kafka lets nobody commit an offset of a topic that they may not read. */
const commitOnTarget = (link: Link, reverses: readonly Link[]): PolicyStatement[] => {
  const { target } = link
  if (!isMsk(target) || target.login.kind !== 'iam') return []
  const topics = targetTopics(link, reverses).map((topic) => within(target, 'topic', topic))
  return [
    ...allow(kafkaActions(['ReadData']), topics),
    ...allow(kafkaActions(['AlterGroup']), [within(target, 'group', '*')]),
  ]
}

/** Those that the link makes, and those that the links the other way take; what patterns find is not known beforehand. */
const targetTopics = (link: Link, reverses: readonly Link[]): readonly string[] => {
  if ([link, ...reverses].some(({ patterns }) => patterns.length > 0)) return ['*']
  const template = replicaTemplate(link.naming, link.source.name)
  const replicas = link.topics.map((topic) => replicaName(template, topic))
  return [...new Set([...replicas, ...reverses.flatMap(({ topics }) => topics)])]
}
