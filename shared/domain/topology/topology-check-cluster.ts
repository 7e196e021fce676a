import { isSecretReference } from '../secret-reference.ts'
import type { Cluster, Network } from './topology.ts'
import { LIMITS } from './topology-limits.ts'
import { type Mistake, mistakeIf, repeated, tooMany } from './topology-mistake.ts'

const NAME = /^[a-z][a-z0-9-]*$/
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/
const MSK_ARN = /^arn:aws[a-z-]*:kafka:([a-z0-9-]+):(\d{12}):cluster\/[^/]+\/[^/]+$/
const KMS_ARN =
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/
const HOST_AND_PORT =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?:(\d{1,5})$/
const CLUSTER_ID = /^[A-Za-z0-9_-]+$/
const ID = {
  vpc: /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/,
  subnet: /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/,
  securityGroup: /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/,
}

/** Which logins Lambda's pollers and the brokers both know. */
const LOGINS: Readonly<Record<Cluster['kind'], readonly Cluster['login']['kind'][]>> = {
  msk: ['none', 'iam', 'scram-sha-512', 'mtls'],
  'msk-serverless': ['iam'],
  'self-managed': ['none', 'scram-sha-256', 'scram-sha-512', 'plain', 'mtls'],
}

export const isName = (name: string): boolean => NAME.test(name)
export const isRegion = (region: string): boolean => REGION.test(region)
export const mskAccount = (arn: string): string | undefined => MSK_ARN.exec(arn)?.[2]

export const checkCluster = (cluster: Cluster): readonly Mistake[] => {
  const path = `clusters.${cluster.name}`
  return [
    ...mistakeIf(!isName(cluster.name), path, 'is no usable name', 'use a-z, 0-9 and -, beginning with a letter'),
    ...mistakeIf(
      !isRegion(cluster.region),
      `${path}.region`,
      `${cluster.region} is no AWS region`,
      'write it like eu-west-1',
    ),
    ...checkBootstrapServers(`${path}.bootstrapServers`, cluster.bootstrapServers),
    ...checkClusterId(`${path}.clusterId`, cluster.clusterId),
    ...checkControllerRacks(`${path}.controllerRacks`, cluster.controllerRacks ?? {}),
    ...checkKind(path, cluster),
    ...checkTls(path, cluster),
    ...checkSecrets(path, cluster),
    ...(cluster.network === undefined ? [] : checkNetwork(`${path}.network`, cluster.network, cluster.region)),
  ]
}

const checkClusterId = (path: string, id: string | undefined): readonly Mistake[] =>
  mistakeIf(
    id !== undefined && (!CLUSTER_ID.test(id) || id.length > LIMITS.clusterId.max),
    path,
    `${id} is no id of a Kafka cluster`,
    'take it from `kafka-cluster.sh cluster-id`, or leave it out',
  )

const checkControllerRacks = (path: string, racks: Readonly<Record<string, unknown>>): readonly Mistake[] =>
  Object.entries(racks).flatMap(([node, rack]) =>
    mistakeIf(
      !/^\d+$/.test(node) || typeof rack !== 'string' || rack === '',
      `${path}.${node}`,
      'is no controller and its rack',
      "write the node id and the rack, like { '3001': 'use1-az1' }",
    ),
  )

const isPort = (port: number): boolean => port >= 1 && port <= 65_535

const checkBootstrapServers = (path: string, servers: readonly string[]): readonly Mistake[] => [
  ...tooMany(path, servers.length, LIMITS.bootstrapServers),
  ...servers.flatMap((server, index) => [
    ...mistakeIf(
      !isPort(Number(HOST_AND_PORT.exec(server)?.[1] ?? 0)),
      `${path}[${index}]`,
      `${server} is no host and port`,
      'write it like b-1.example.org:9092',
    ),
    ...tooMany(`${path}[${index}]`, server.length, LIMITS.bootstrapServer),
  ]),
]

const checkKind = (path: string, cluster: Cluster): readonly Mistake[] => {
  const logins = LOGINS[cluster.kind]
  if (logins === undefined)
    return mistakeIf(true, `${path}.kind`, 'there is no such kind', `choose one of ${Object.keys(LOGINS).join(', ')}`)
  return [
    ...mistakeIf(
      !logins.includes(cluster.login.kind),
      `${path}.login.kind`,
      `a cluster of kind ${cluster.kind} cannot be reached with ${cluster.login.kind}`,
      `choose one of ${logins.join(', ')}${cluster.login.kind === 'iam' ? ', or declare the cluster as msk with its arn' : ''}`,
    ),
    ...checkArn(path, cluster),
  ]
}

const checkArn = (path: string, cluster: Cluster): readonly Mistake[] => {
  if (cluster.kind === 'self-managed')
    return mistakeIf('arn' in cluster, `${path}.arn`, 'only MSK clusters have one', 'declare the cluster as msk')
  const region = MSK_ARN.exec(cluster.arn ?? '')?.[1]
  return [
    ...mistakeIf(
      region === undefined,
      `${path}.arn`,
      'is no ARN of an MSK cluster',
      'take it from `aws kafka list-clusters-v2`',
    ),
    ...mistakeIf(
      region !== undefined && region !== cluster.region,
      `${path}.arn`,
      `the ARN lies in ${region}, the cluster in ${cluster.region}`,
      'correct one of them',
    ),
    ...mistakeIf('caSecret' in cluster, `${path}.caSecret`, 'MSK is signed by a public authority', 'leave it out'),
  ]
}

const checkTls = (path: string, cluster: Cluster): readonly Mistake[] => {
  if (cluster.tls) return []
  const caSecret = 'caSecret' in cluster
  return mistakeIf(
    cluster.login.kind !== 'none' || caSecret,
    `${path}.tls`,
    `${caSecret ? 'an authority' : cluster.login.kind} means nothing without TLS; no poller of Lambda logs in without it`,
    'leave tls out, or have neither login nor caSecret',
  )
}

const checkSecrets = (path: string, { login, secretKeys = [], ...rest }: Cluster): readonly Mistake[] => {
  const references = [
    ...('secret' in login ? [{ at: `${path}.login.secret`, secret: login.secret }] : []),
    ...('caSecret' in rest && rest.caSecret !== undefined ? [{ at: `${path}.caSecret`, secret: rest.caSecret }] : []),
  ]
  const needsSecret = login.kind !== 'none' && login.kind !== 'iam' && !('secret' in login)
  const remedy = 'keep the secret in Secrets Manager and write its name or ARN'
  return [
    ...mistakeIf(needsSecret, `${path}.login.secret`, `${login.kind} needs a secret`, remedy),
    ...references.flatMap(({ at, secret }) =>
      mistakeIf(!isSecretReference(secret ?? ''), at, 'is neither name nor ARN of a secret in Secrets Manager', remedy),
    ),
    ...secretKeys.flatMap((key, index) =>
      mistakeIf(!isKmsKey(key), `${path}.secretKeys[${index}]`, 'is no ARN of a KMS key', 'write arn:aws:kms:…:key/…'),
    ),
  ]
}

export const isKmsKey = (arn: string): boolean => KMS_ARN.test(arn)

const checkNetwork = (path: string, network: Network, region: string): readonly Mistake[] => [
  ...checkIds(`${path}.vpcId`, [network.vpcId], ID.vpc),
  ...checkIds(`${path}.subnetIds`, network.subnetIds, ID.subnet),
  ...checkIds(`${path}.securityGroupIds`, network.securityGroupIds, ID.securityGroup),
  ...tooMany(`${path}.subnetIds`, network.subnetIds.length, LIMITS.subnets),
  ...tooMany(`${path}.securityGroupIds`, network.securityGroupIds.length, LIMITS.securityGroups),
  ...mistakeIf(
    network.availabilityZones.length !== network.subnetIds.length,
    `${path}.availabilityZones`,
    `${network.availabilityZones.length} zones for ${network.subnetIds.length} subnets`,
    'name the zone of each subnet, in the same order',
  ),
  ...mistakeIf(
    network.availabilityZones.some((zone) => !zone.startsWith(region)),
    `${path}.availabilityZones`,
    `not all of them are zones of ${region}`,
    "name a network in the cluster's region",
  ),
]

const checkIds = (path: string, ids: readonly string[], pattern: RegExp): readonly Mistake[] =>
  ids
    .filter((id) => !pattern.test(id))
    .flatMap((id) => mistakeIf(true, path, `${id} is no such id`, `write ids that match ${pattern.source}`))

/** What no two clusters share. Brokers of two regions may well go by the same private name. */
const marksOf = (cluster: Cluster): readonly string[] => [
  ...(cluster.clusterId === undefined ? [] : [cluster.clusterId]),
  ...('arn' in cluster ? [cluster.arn] : []),
  ...cluster.bootstrapServers.map((server) => `${cluster.region} ${server.toLowerCase()}`),
]

/** A cluster goes by its id, ARN and brokers, not by its alias: under two names its records could go round in a circle. */
export const checkClustersAreDistinct = (clusters: readonly Cluster[]): readonly Mistake[] => {
  const marks = clusters.flatMap((cluster) => marksOf(cluster).map((mark) => ({ cluster, mark })))
  const aliases = repeated(marks, ({ mark }) => mark).filter(({ one, earlier }) => one.cluster !== earlier.cluster)
  const earlierName = new Map(aliases.map(({ one, earlier }) => [one.cluster.name, earlier.cluster.name]))
  return [...earlierName].flatMap(([name, earlier]) =>
    mistakeIf(true, `clusters.${name}`, `is the same cluster as ${earlier}`, 'declare it once, under one name'),
  )
}
