import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { replicaName, replicaTemplate } from '../../shared/domain/topics/topic-naming.ts'
import { isMsk, type Link } from '../../shared/domain/topology/topology.ts'
import { allow, attachToNetwork, kafkaActions, readSecrets, within } from './link-rights.ts'

/** What verifies a link may do besides its table and logs. It reads records of both clusters and writes none. */
export const verifierRights = (link: Link, place: AwsPlace): readonly PolicyStatement[] => [
  ...readTopics(link.source, link.patterns.length > 0 ? ['*'] : link.topics),
  ...readTopics(link.target, replicasOf(link)),
  ...readSecrets(link, place),
  ...attachToNetwork(link),
]

/** Names that patterns find are not known beforehand. */
const replicasOf = ({ topics, patterns, naming, source }: Link): readonly string[] => {
  const template = replicaTemplate(naming, source.name)
  return patterns.length > 0 ? ['*'] : topics.map((topic) => replicaName(template, topic))
}

/** Of the settings only whether a topic is compacted matters: then records may be absent. */
export const readTopics = (cluster: Link['source'], topics: readonly string[]): PolicyStatement[] => {
  if (!isMsk(cluster) || cluster.login.kind !== 'iam') return []
  const actions = ['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'ReadData']
  return [
    ...allow(kafkaActions(['Connect']), [cluster.arn]),
    ...allow(
      kafkaActions(actions),
      topics.map((topic) => within(cluster, 'topic', topic)),
    ),
  ]
}
