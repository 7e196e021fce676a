import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { FenceChoice, SwitchChoice } from '../../shared/domain/failover/failover-choice.ts'
import type { FailoverOrder } from '../../shared/domain/failover/failover-order.ts'
import { HEARTBEAT_TOPIC } from '../../shared/domain/heartbeat/beat.ts'
import { consumerGroup, failoverBucketName } from '../../shared/domain/link-names.ts'
import { type AwsPlace, secretPolicyResource } from '../../shared/domain/secret-reference.ts'
import { bringsBack } from '../../shared/domain/topics/topic-return.ts'
import { isMsk, type Link, type MskCluster } from '../../shared/domain/topology/topology.ts'
import { askExecutions } from './failover-step-rights.ts'
import { allow, attachToNetwork, kafkaActions, readSecrets, switchMappingsOf, within } from './link-rights.ts'
import { replicaOf } from './replicator-rights.ts'

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
    ...emptySource(order),
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

const chosenNames = (order: FailoverOrder, kind: 'parameter' | 'function'): readonly string[] => [
  ...new Set(choicesOf(order).flatMap((choice) => (choice.kind === kind ? choice.name : []))),
]

const lookAtCluster = (cluster: Link['source']): PolicyStatement[] =>
  usesIam(cluster) ? allow(kafkaActions(['Connect', 'DescribeCluster']), [cluster.arn]) : []

/** To Kafka, ACLs are a matter of the cluster. On clusters that are used by IAM they bind those who log in otherwise. */
const denyWrites = (cluster: Link['source'], fences: readonly FenceChoice[]): PolicyStatement[] => {
  if (!usesIam(cluster) || fences.every(({ kind }) => kind !== 'acl')) return []
  return allow(kafkaActions(['AlterCluster']), [cluster.arn])
}

/** The pollers of the link back begin where the failover was: their groups are on its source. */
const turnPollersBack = (link: Link): PolicyStatement[] => {
  const { source } = link
  if (!usesIam(source)) return []
  return allow(kafkaActions(['AlterGroup', 'DescribeGroup']), [within(source, 'group', consumerGroup(link, '*'))])
}

const READ = ['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'ReadData']

/**
 * Read where they were stranded, and written where they were missed. Neither is bound to the names of topics: a link owes proofs
 * and tails also of those that the topology names no more, and whoever may not see such a topic could not fence, nor merge its
 * tail. Written is nothing but what is named as a replica of the link.
 */
const settleTail = (link: Link): PolicyStatement[] => {
  const { source, target } = link
  return [
    ...onTopics(source, READ, ['*']),
    ...onTopics(target, READ, ['*']),
    ...onTopics(target, ['WriteData'], [replicaOf(link, '*')]),
    ...(usesIam(target) ? allow(kafkaActions(['WriteDataIdempotently']), [target.arn]) : []),
  ]
}

/** Nothing is emptied but what the link the other way fills again. To IAM deleting records is deleting the topic. */
const emptySource = ({ mayScrape, forward, reverse }: FailoverOrder): PolicyStatement[] => {
  const { link } = forward.order
  if (!mayScrape || reverse === undefined) return []
  const back = reverse.order.link
  const comesBack = (topic: string): boolean =>
    topic !== HEARTBEAT_TOPIC && bringsBack(back, replicaOf(link, topic), topic)
  return onTopics(link.source, ['DeleteTopic'], link.patterns.length > 0 ? ['*'] : link.topics.filter(comesBack))
}

const usesIam = (cluster: Link['source']): cluster is MskCluster => isMsk(cluster) && cluster.login.kind === 'iam'

const onTopics = (cluster: Link['source'], actions: readonly string[], topics: readonly string[]): PolicyStatement[] =>
  usesIam(cluster)
    ? allow(
        kafkaActions(actions),
        topics.map((topic) => within(cluster, 'topic', topic)),
      )
    : []

/** The logins of applications, with which it is tried whether they can still write. */
const readProbes = ({ fences, fencesOfTarget }: FailoverOrder, place: AwsPlace): PolicyStatement[] => {
  const probes = [...fences, ...fencesOfTarget].flatMap((fence) => (fence.kind === 'acl' ? (fence.probe ?? []) : []))
  const secrets = probes.map(({ secret }) => secretPolicyResource(secret, place))
  return allow(['secretsmanager:GetSecretValue'], [...new Set(secrets)])
}

/** In both regions, since clients look in theirs. */
const writeParameters = (order: FailoverOrder, { partition, account }: AwsPlace): PolicyStatement[] => {
  const regions = [...new Set([order.from.region, order.to.region])]
  const arns = chosenNames(order, 'parameter').flatMap((name) =>
    regions.map((region) => `arn:${partition}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`),
  )
  return allow(['ssm:GetParameter', 'ssm:PutParameter'], arns)
}

const callHooks = (order: FailoverOrder, { partition, account }: AwsPlace): PolicyStatement[] => {
  const regions = [...new Set([order.from.region, order.to.region])]
  const arns = chosenNames(order, 'function').flatMap((name) =>
    regions.map((region) => `arn:${partition}:lambda:${region}:${account}:function:${name}`),
  )
  return allow(['lambda:InvokeFunction'], arns)
}

const keepTail = (link: Link, { partition, account }: AwsPlace): PolicyStatement[] => {
  const bucket = `arn:${partition}:s3:::${failoverBucketName(link, account)}`
  return [...allow(['s3:GetObject', 's3:PutObject'], [`${bucket}/tails/*`]), ...allow(['s3:ListBucket'], [bucket])]
}
