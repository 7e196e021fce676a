import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { AccessOrder } from '../../shared/domain/access/access-order.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { isMsk, type Link } from '../../shared/domain/topology/topology.ts'
import { allow, attachToNetwork, kafkaActions, readSecrets } from './link-rights.ts'

/** What lets access rights follow may do besides tables and logs. It reads and writes no record, topic or group. */
export const accessSyncRights = ({ link, access }: AccessOrder, place: AwsPlace): readonly PolicyStatement[] => [
  ...onCluster(link.source, ['DescribeCluster', ...(access.quotas ? ['DescribeClusterDynamicConfiguration'] : [])]),
  ...onCluster(link.target, [
    'DescribeCluster',
    'AlterCluster',
    'AlterClusterDynamicConfiguration', // quotas that followed are taken away once they follow no more
    ...(access.quotas ? ['DescribeClusterDynamicConfiguration'] : []),
  ]),
  ...readSecrets(link, place),
  ...attachToNetwork(link),
]

/** To Kafka, ACLs and quotas are matters of the cluster. */
const onCluster = (cluster: Link['source'], actions: readonly string[]): PolicyStatement[] => {
  if (!isMsk(cluster) || cluster.login.kind !== 'iam') return []
  return allow(kafkaActions(['Connect', ...actions]), [cluster.arn])
}
