import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { FenceChoice, SwitchChoice } from '../../shared/domain/failover/failover-choice.ts'
import type { FailoverOrder } from '../../shared/domain/failover/failover-order.ts'
import { consumerGroup, failoverBucketName } from '../../shared/domain/link-names.ts'
import { type AwsPlace, secretPolicyResource } from '../../shared/domain/secret-reference.ts'
import { isMsk, type Link } from '../../shared/domain/topology/topology.ts'
import { askExecutions } from './failover-step-rights.ts'
import { allow, attachToNetwork, kafkaActions, readSecrets, switchMappingsOf, within } from './link-rights.ts'

type Choice = FenceChoice | SwitchChoice

/** What fences, tells clients, and settles a stranded tail may do besides tables and logs. */
export const fenceRights = (order: FailoverOrder, place: AwsPlace): readonly PolicyStatement[] => {
  const { forward, reverse, fences, fencesOfTarget } = order
  const { link } = forward.order
  return [
    ...[link.source, link.target].flatMap(lookAtCluster),
    ...denyWrites(link.source, fences),
    ...denyWrites(link.target, fencesOfTarget),
    ...settleTail(link),
    ...(order.mayScrape ? onTopics(link.source, ['DeleteTopic']) : []),
    ...(reverse === undefined ? [] : turnPollersBack(reverse.order.link)),
    ...readSecrets(link, place),
    ...readProbes(order, place),
    ...attachToNetwork(link),
    ...writeParameters(order, place),
    ...callHooks(order, place),
    ...(reverse === undefined
      ? []
      : switchMappingsOf(reverse.order.link, { ...place, region: reverse.functions.region })),
    ...keepTail(link, place),
    ...[forward, ...(reverse === undefined ? [] : [reverse])].flatMap((one) => askExecutions(one, place)),
  ]
}

const choicesOf = ({ fences, fencesOfTarget, clients }: FailoverOrder): readonly Choice[] => [
  ...fences,
  ...fencesOfTarget,
  ...clients,
]

const namesOf = (order: FailoverOrder, kind: 'parameter' | 'function'): readonly string[] => [
  ...new Set(choicesOf(order).flatMap((choice) => (choice.kind === kind ? choice.name : []))),
]

const lookAtCluster = (cluster: Link['source']): PolicyStatement[] =>
  isMsk(cluster) && cluster.login.kind === 'iam'
    ? allow(kafkaActions(['Connect', 'DescribeCluster']), [cluster.arn])
    : []

/** To Kafka, ACLs are a matter of the cluster. On clusters that are used by IAM they bind those who log in otherwise. */
const denyWrites = (cluster: Link['source'], fences: readonly FenceChoice[]): PolicyStatement[] => {
  if (!isMsk(cluster) || cluster.login.kind !== 'iam' || fences.every(({ kind }) => kind !== 'acl')) return []
  return allow(kafkaActions(['AlterCluster']), [cluster.arn])
}

/** The pollers of the link back begin where the failover was: their groups are on its source. */
const turnPollersBack = (link: Link): PolicyStatement[] => {
  const { source } = link
  if (!isMsk(source) || source.login.kind !== 'iam') return []
  return allow(kafkaActions(['AlterGroup', 'DescribeGroup']), [within(source, 'group', consumerGroup(link, '*'))])
}

/** Read where they were stranded, and written where they were missed. */
const settleTail = ({ source, target }: Link): PolicyStatement[] => [
  ...onTopics(source, ['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'ReadData']),
  ...onTopics(target, ['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'ReadData', 'WriteData']),
  ...(isMsk(target) && target.login.kind === 'iam' ? allow(kafkaActions(['WriteDataIdempotently']), [target.arn]) : []),
]

const onTopics = (cluster: Link['source'], actions: readonly string[]): PolicyStatement[] =>
  isMsk(cluster) && cluster.login.kind === 'iam' ? allow(kafkaActions(actions), [within(cluster, 'topic', '*')]) : []

/** The logins of applications, with which it is tried whether they can still write. */
const readProbes = ({ fences, fencesOfTarget }: FailoverOrder, place: AwsPlace): PolicyStatement[] => {
  const probes = [...fences, ...fencesOfTarget].flatMap((fence) => (fence.kind === 'acl' ? (fence.probe ?? []) : []))
  const secrets = probes.map(({ secret }) => secretPolicyResource(secret, place))
  return allow(['secretsmanager:GetSecretValue'], [...new Set(secrets)])
}

/** In both regions, since clients look in theirs. */
const writeParameters = (order: FailoverOrder, { partition, account }: AwsPlace): PolicyStatement[] => {
  const regions = [...new Set([order.from.region, order.to.region])]
  const arns = namesOf(order, 'parameter').flatMap((name) =>
    regions.map((region) => `arn:${partition}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`),
  )
  return allow(['ssm:GetParameter', 'ssm:PutParameter'], arns)
}

const callHooks = (order: FailoverOrder, { partition, account }: AwsPlace): PolicyStatement[] => {
  const regions = [...new Set([order.from.region, order.to.region])]
  const arns = namesOf(order, 'function').flatMap((name) =>
    regions.map((region) => `arn:${partition}:lambda:${region}:${account}:function:${name}`),
  )
  return allow(['lambda:InvokeFunction'], arns)
}

const keepTail = (link: Link, { partition, account }: AwsPlace): PolicyStatement[] => {
  const bucket = `arn:${partition}:s3:::${failoverBucketName(link, account)}`
  return [...allow(['s3:GetObject', 's3:PutObject'], [`${bucket}/tails/*`]), ...allow(['s3:ListBucket'], [bucket])]
}
