import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { isMsk, type Link } from '../../shared/domain/topology/topology.ts'
import { describeGroups } from './group-sync-rights.ts'
import { allow, attachToNetwork, kafkaActions, readSecrets, within } from './link-rights.ts'
import { readTopics } from './verifier-rights.ts'

/** What measures the lag of a link may do besides its table and logs. It reads the ends of logs, and writes to no cluster. */
export const lagCanaryRights = (link: Link, place: AwsPlace): readonly PolicyStatement[] => [
  ...readTopics(link.source, link.patterns.length > 0 ? ['*'] : link.topics),
  ...[link.source, link.target].flatMap(describeLayout),
  ...(link.syncGroups ? [link.source, link.target].flatMap(describeGroups) : []),
  ...readSecrets(link, place),
  ...attachToNetwork(link),
]

/** What a rack would take with it is asked of all topics of a cluster, and of its controllers. */
const describeLayout = (cluster: Link['source']): PolicyStatement[] => {
  if (!isMsk(cluster) || cluster.login.kind !== 'iam') return []
  return [
    ...allow(kafkaActions(['Connect', 'DescribeCluster']), [cluster.arn]),
    ...allow(kafkaActions(['DescribeTopic', 'DescribeTopicDynamicConfiguration']), [within(cluster, 'topic', '*')]),
  ]
}
