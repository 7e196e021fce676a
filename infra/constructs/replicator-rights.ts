import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { readsMskByArn } from '../../shared/domain/event-source-mapping.ts'
import { kafkaAccess, secretsOf } from '../../shared/domain/kafka-access.ts'
import { consumerGroup } from '../../shared/domain/link-names.ts'
import { type AwsPlace, secretPolicyResource } from '../../shared/domain/secret-reference.ts'
import { replicaName, replicaTemplate } from '../../shared/domain/topic-naming.ts'
import { isMsk, type Link, type MskCluster, placementOf } from '../../shared/domain/topology/topology.ts'

/** So that no statement outgrows the policy that it has to fit into whole. */
const RESOURCES_PER_STATEMENT = 20

const allow = (actions: string[], resources: readonly string[]): PolicyStatement[] =>
  Array.from({ length: Math.ceil(resources.length / RESOURCES_PER_STATEMENT) }, (_, index) => {
    const start = index * RESOURCES_PER_STATEMENT
    return new PolicyStatement({ actions, resources: resources.slice(start, start + RESOURCES_PER_STATEMENT) })
  })

/** `arn:…:cluster/<name>/<uuid>` becomes `arn:…:topic/<name>/<uuid>/<topic>`, and alike for groups. */
const within = ({ arn }: MskCluster, kind: 'topic' | 'group', name: string): string =>
  `${arn.replace(':cluster/', `:${kind}/`)}/${name}`

/**
 * What the role of a replicate function may do besides its table, bucket and logs. Lambda's pollers read the source with
 * the same role, so reading and committing are among it.
 */
export const replicatorRights = (link: Link, place: AwsPlace): readonly PolicyStatement[] => [
  ...readSource(link),
  ...appendToTarget(link),
  ...readSecrets(link, place),
  ...attachToNetwork(link),
  ...findMskCluster(link),
]

const readSource = ({ source, ...link }: Link): PolicyStatement[] => {
  if (!isMsk(source) || source.login.kind !== 'iam') return []
  const topics = link.topics.map((topic) => within(source, 'topic', topic))
  const groups = link.topics.map((topic) => within(source, 'group', consumerGroup(link, topic)))
  return [
    ...allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'], [source.arn]),
    ...allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], topics),
    ...allow(['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'], groups),
  ]
}

const appendToTarget = ({ source, target, naming, topics }: Link): PolicyStatement[] => {
  if (!isMsk(target) || target.login.kind !== 'iam') return []
  const template = replicaTemplate(naming, source.name)
  const replicas = topics.map((topic) => within(target, 'topic', replicaName(template, topic)))
  const append = ['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'WriteData']
  return [
    ...allow(['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'], [target.arn]),
    ...allow(
      append.map((action) => `kafka-cluster:${action}`),
      replicas,
    ),
  ]
}

const readSecrets = ({ source, target }: Link, place: AwsPlace): PolicyStatement[] => {
  const secrets = [source, target].flatMap((cluster) => secretsOf(kafkaAccess(cluster)))
  const keys = [source, target]
    .flatMap(({ secretKeys = [] }) => secretKeys)
    .filter((arn) => arn.split(':')[3] === place.region)
  return [
    ...allow(['secretsmanager:GetSecretValue'], [...new Set(secrets.map((one) => secretPolicyResource(one, place)))]),
    ...allow(['kms:Decrypt'], [...new Set(keys)]),
  ]
}

/** EC2 knows no narrower resources for a function and a poller that attach themselves to a VPC. */
const attachToNetwork = (link: Link): PolicyStatement[] => {
  if (placementOf(link).network === undefined && !readsMskByArn(link)) return []
  const interfaces = ['CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces']
  const addresses = ['AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses']
  const surroundings = ['DescribeSecurityGroups', 'DescribeSubnets', 'DescribeVpcs']
  const actions = [...interfaces, ...addresses, ...surroundings].map((action) => `ec2:${action}`)
  return allow(actions, ['*'])
}

const findMskCluster = (link: Link): PolicyStatement[] => {
  if (!isMsk(link.source) || !readsMskByArn(link)) return []
  const actions = ['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers']
  const scram = link.source.login.kind === 'scram-sha-512' ? ['kafka:ListScramSecrets'] : []
  return allow([...actions, ...scram], [link.source.arn])
}
