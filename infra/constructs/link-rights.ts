import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { readsMskByArn } from '../../shared/domain/event-source-mapping.ts'
import { kafkaAccess, secretsOf } from '../../shared/domain/kafka-access.ts'
import { replicatorName } from '../../shared/domain/link-names.ts'
import { type AwsPlace, secretPolicyResource } from '../../shared/domain/secret-reference.ts'
import { type Link, type MskCluster, placementOf } from '../../shared/domain/topology/topology.ts'

/** So that no statement outgrows the policy that it has to fit into whole. */
const RESOURCES_PER_STATEMENT = 20

export const allow = (actions: string[], resources: readonly string[]): PolicyStatement[] =>
  Array.from({ length: Math.ceil(resources.length / RESOURCES_PER_STATEMENT) }, (_, index) => {
    const start = index * RESOURCES_PER_STATEMENT
    return new PolicyStatement({ actions, resources: resources.slice(start, start + RESOURCES_PER_STATEMENT) })
  })

/** What IAM on MSK calls them. */
export const kafkaActions = (names: readonly string[]): string[] => names.map((name) => `kafka-cluster:${name}`)

/** `arn:…:cluster/<name>/<uuid>` becomes `arn:…:topic/<name>/<uuid>/<topic>`, and alike for groups and ids. */
export const within = ({ arn }: MskCluster, kind: 'topic' | 'group' | 'transactional-id', name: string): string =>
  `${arn.replace(':cluster/', `:${kind}/`)}/${name}`

export const readSecrets = ({ source, target }: Link, place: AwsPlace): PolicyStatement[] => {
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
export const attachToNetwork = (link: Link): PolicyStatement[] => {
  if (placementOf(link).network === undefined && !readsMskByArn(link)) return []
  const interfaces = ['CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces']
  const addresses = ['AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses']
  const surroundings = ['DescribeSecurityGroups', 'DescribeSubnets', 'DescribeVpcs']
  const actions = [...interfaces, ...addresses, ...surroundings].map((action) => `ec2:${action}`)
  return allow(actions, ['*'])
}

/** Where the function of the link runs. Lambda lists mappings under no resource; all else is bound to those of this function. */
export const switchMappingsOf = (link: Link, { partition, region, account }: AwsPlace): PolicyStatement[] => {
  const lambda = (kind: string, name: string): string => `arn:${partition}:lambda:${region}:${account}:${kind}:${name}`
  return [
    ...allow(['lambda:ListEventSourceMappings'], ['*']),
    ...allow(['lambda:ListTags'], [lambda('event-source-mapping', '*')]),
    new PolicyStatement({
      actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      resources: [lambda('event-source-mapping', '*')],
      conditions: { ArnEquals: { 'lambda:FunctionArn': lambda('function', replicatorName(link)) } },
    }),
  ]
}
