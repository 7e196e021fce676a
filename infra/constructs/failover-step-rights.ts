import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { FailoverLink, FailoverOrder } from '../../shared/domain/failover/failover-order.ts'
import { failoverBucketName } from '../../shared/domain/link-names.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { isMsk, type Link } from '../../shared/domain/topology/topology.ts'
import { describeGroups } from './group-sync-rights.ts'
import { allow, attachToNetwork, kafkaActions, readSecrets, switchMappingsOf, within } from './link-rights.ts'

type Cluster = Link['source']

/**
 * What the steps of a failover may do besides tables and logs. They write to no topic and to no ACL: those who fence have a
 * function of their own, and rights, topics and groups follow by the functions of the link.
 */
export const stepRights = (order: FailoverOrder, place: AwsPlace): readonly PolicyStatement[] => {
  const { forward, reverse } = order
  const { link } = forward.order
  return [
    ...[link.source, link.target].flatMap((cluster) => [...describeGroups(cluster), ...readEverything(cluster)]),
    ...placeGroups(link.target),
    ...readSecrets(link, place),
    ...attachToNetwork(link),
    ...callFunctions(forward, place),
    ...[forward, ...(reverse === undefined ? [] : [reverse])].flatMap((one) => [
      ...switchMappingsOf(one.order.link, { ...place, region: one.functions.region }),
      ...askExecutions(one, place),
    ]),
    ...keepReports(link, place),
  ]
}

/** Records tell whether positions are right; ends, settings, replicas and disks whether the cluster can take over. */
const readEverything = (cluster: Cluster): PolicyStatement[] => {
  if (!isMsk(cluster) || cluster.login.kind !== 'iam') return []
  return [
    ...allow(kafkaActions(['DescribeCluster']), [cluster.arn]),
    ...allow(kafkaActions(['DescribeTopicDynamicConfiguration', 'ReadData']), [within(cluster, 'topic', '*')]),
  ]
}

/** Positions by time, and those of the pollers of the link back. */
const placeGroups = (cluster: Cluster): PolicyStatement[] => {
  if (!isMsk(cluster) || cluster.login.kind !== 'iam') return []
  return allow(kafkaActions(['AlterGroup']), [within(cluster, 'group', '*')])
}

/** Those of the forward link, which know best how it stands, and the fence. */
const callFunctions = ({ functions, failover }: FailoverLink, { partition, account }: AwsPlace): PolicyStatement[] => {
  const { region, measureLag, syncTopics, syncGroups, syncAccess } = functions
  const names = [measureLag, syncTopics, syncGroups, syncAccess].filter((name) => name !== undefined)
  const inRegion = (at: string, name: string): string => `arn:${partition}:lambda:${at}:${account}:function:${name}`
  return allow(
    ['lambda:InvokeFunction'],
    [...names.map((name) => inRegion(region, name)), inRegion(failover.region, failover.fence)],
  )
}

/** Whether whoever has the lock still runs, in either direction. */
export const askExecutions = ({ failover }: FailoverLink, { partition, account }: AwsPlace): PolicyStatement[] =>
  allow(
    ['states:DescribeExecution'],
    [`arn:${partition}:states:${failover.region}:${account}:execution:${failover.machine}:*`],
  )

const keepReports = (link: Link, { partition, account }: AwsPlace): PolicyStatement[] =>
  allow(['s3:PutObject'], [`arn:${partition}:s3:::${failoverBucketName(link, account)}/reports/*`])
