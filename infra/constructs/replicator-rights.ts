import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { readsMskByArn } from '../../shared/domain/event-source-mapping.ts'
import { commitGroup, consumerGroup } from '../../shared/domain/link-names.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { replicaName, replicaTemplate } from '../../shared/domain/topics/topic-naming.ts'
import { isMsk, type Link } from '../../shared/domain/topology/topology.ts'
import { allow, attachToNetwork, readSecrets, within } from './link-rights.ts'

/**
 * What the role of a replicate function may do besides its table, bucket and logs. Lambda's pollers read the source with
 * the same role, so reading and committing are among it.
 */
export const replicatorRights = (link: Link, place: AwsPlace): readonly PolicyStatement[] => [
  ...readSource(link),
  ...appendToTarget(link),
  ...commitInTransactions(link),
  ...readSecrets(link, place),
  ...attachToNetwork(link),
  ...findMskCluster(link),
]

/** What patterns will find is not known yet, and IAM cannot say a pattern. */
const namesOf = ({ topics, patterns }: Pick<Link, 'topics' | 'patterns'>): readonly string[] =>
  patterns.length > 0 ? ['*'] : topics

const readSource = ({ source, ...link }: Link): PolicyStatement[] => {
  if (!isMsk(source) || source.login.kind !== 'iam') return []
  const topics = namesOf(link).map((topic) => within(source, 'topic', topic))
  const groups = namesOf(link).map((topic) => within(source, 'group', consumerGroup(link, topic)))
  return [
    ...allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'], [source.arn]),
    ...allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], topics),
    ...allow(['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'], groups),
  ]
}

const appendToTarget = ({ target, ...link }: Link): PolicyStatement[] => {
  if (!isMsk(target) || target.login.kind !== 'iam') return []
  const replicas = namesOf(link).map((topic) => within(target, 'topic', replicaOf(link, topic)))
  const append = ['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'WriteData']
  return [
    ...allow(['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'], [target.arn]),
    ...allow(
      append.map((action) => `kafka-cluster:${action}`),
      replicas,
    ),
  ]
}

/** Kafka lets nobody commit an offset of a topic that they may not read. Links have no dots in their names. */
const commitInTransactions = ({ target, delivery, ...link }: Link): PolicyStatement[] => {
  if (!isMsk(target) || target.login.kind !== 'iam' || delivery === 'at-least-once') return []
  const replicas = namesOf(link).map((topic) => within(target, 'topic', replicaOf(link, topic)))
  return [
    ...allow(['kafka-cluster:ReadData'], replicas),
    ...allow(
      ['kafka-cluster:DescribeTransactionalId', 'kafka-cluster:AlterTransactionalId'],
      [within(target, 'transactional-id', consumerGroup(link, '*'))],
    ),
    ...allow(
      ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
      [within(target, 'group', commitGroup(link, '*'))],
    ),
  ]
}

/** On the target; a name may be `*`. */
export const replicaOf = ({ naming, source }: Pick<Link, 'naming' | 'source'>, topic: string): string =>
  replicaName(replicaTemplate(naming, source.name), topic)

const findMskCluster = (link: Link): PolicyStatement[] => {
  if (!isMsk(link.source) || !readsMskByArn(link)) return []
  const actions = ['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers']
  const scram = link.source.login.kind === 'scram-sha-512' ? ['kafka:ListScramSecrets'] : []
  return allow([...actions, ...scram], [link.source.arn])
}
