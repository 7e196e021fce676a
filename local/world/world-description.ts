import type { LocalWorld } from '../../infra/topologies/local.ts'
import { LOCAL_CREDENTIALS } from '../aws/aws.ts'
import type { LocalCluster } from '../kafka/cluster.ts'
import type { World } from './world.ts'

interface Deployed {
  readonly name: string
  readonly region: string
}

/** Where everything of a running world is: what `npm run local -- --json` prints. */
export interface WorldDescription {
  readonly name: string
  readonly folder: string
  /** The process that keeps it. */
  readonly keeper: number
  readonly clusters: readonly {
    /** Of the first link; absent where it has no part in it. */
    readonly side?: 'source' | 'target'
    /** As the topology calls it. */
    readonly name: string
    readonly region: string
    readonly clusterId: string
    readonly bootstrapServers: readonly string[]
    /** Absent where nobody has to log in. */
    readonly login?: {
      readonly protocol: 'SASL_SSL'
      readonly mechanism: 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
      readonly caFile: string
    }
  }[]
  readonly awsEndpoint: string
  readonly credentials: typeof LOCAL_CREDENTIALS
  readonly regions: readonly string[]
  readonly links: readonly {
    readonly name: string
    readonly source: string
    readonly target: string
    readonly topics: readonly string[]
    /** What finds further topics, as expressions that match whole names. */
    readonly patterns: readonly string[]
  }[]
  /** To be put into the environment as `TWINSHORE_LOCAL`, for commands that take the topology `local`. */
  readonly local: LocalWorld
  readonly tables: readonly Deployed[]
  readonly functions: readonly Deployed[]
}

const deployed = ({ stacks }: World, type: string): Deployed[] =>
  stacks.flatMap(({ region, resources }) =>
    resources.filter((resource) => resource.type === type).map(({ physicalId }) => ({ name: physicalId, region })),
  )

const describeLogin = ({ login, caFile }: LocalCluster) =>
  login.kind === 'none' || caFile === undefined
    ? {}
    : {
        login: {
          protocol: 'SASL_SSL',
          mechanism: 'SCRAM-SHA-512',
          username: login.username,
          password: login.password,
          caFile,
        } as const,
      }

type Kept = Pick<WorldDescription, 'name' | 'keeper'>

const sideOf = ({ source, target }: World, cluster: LocalCluster): Pick<Cluster, 'side'> => {
  if (cluster === source) return { side: 'source' }
  return cluster === target ? { side: 'target' } : {}
}

const describeCluster = (world: World, cluster: LocalCluster): Cluster => ({
  ...sideOf(world, cluster),
  name: cluster.name,
  region: world.local.clusters[cluster.name]?.region ?? '',
  clusterId: cluster.clusterId,
  bootstrapServers: cluster.bootstrapServers,
  ...describeLogin(cluster),
})

export const describeWorld = (world: World, kept: Kept): WorldDescription => {
  const { folder, aws, local, topology } = world
  return {
    ...kept,
    folder,
    clusters: [...world.clusters.values()].map((cluster) => describeCluster(world, cluster)),
    awsEndpoint: aws?.url ?? '',
    credentials: LOCAL_CREDENTIALS,
    regions: [...new Set(topology.clusters.map(({ region }) => region))],
    links: topology.links.map(({ name, source, target, topics, patterns }) => ({
      name,
      source: source.name,
      target: target.name,
      topics,
      patterns,
    })),
    local,
    tables: deployed(world, 'AWS::DynamoDB::Table'),
    functions: deployed(world, 'AWS::Lambda::Function'),
  }
}

type Cluster = WorldDescription['clusters'][number]

const kcat = ({ bootstrapServers, login }: Cluster): string => {
  const secure =
    login === undefined
      ? []
      : [
          `-X security.protocol=${login.protocol}`,
          `-X sasl.mechanisms=${login.mechanism}`,
          `-X sasl.username=${login.username}`,
          `-X sasl.password=${login.password}`,
          `-X ssl.ca.location=${login.caFile}`,
        ]
  return ['kcat', '-b', bootstrapServers.join(','), ...secure].join(' ')
}

/** As a shell takes it, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const environment = ({ credentials, awsEndpoint, local }: WorldDescription): string[] => [
  `export ${Object.entries({ ...credentials, AWS_ENDPOINT_URL: awsEndpoint })
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')}`,
  `export TWINSHORE_LOCAL=${quoted(JSON.stringify(local))}`,
]

const clusterLines = ({ clusters, links: [link] }: WorldDescription): string[] => {
  const topic = link?.topics[0] ?? 'TOPIC'
  return clusters.flatMap((cluster) => [
    `# ${cluster.side === undefined ? 'a cluster' : `the ${cluster.side}`}: ${cluster.name} in ${cluster.region}`,
    cluster.side === 'source' ? `echo hello | ${kcat(cluster)} -P -t ${topic}` : `${kcat(cluster)} -C -e -t ${topic}`,
  ])
}

const awsLines = (world: WorldDescription): string[] => {
  const { awsEndpoint, tables, functions } = world
  const [table] = tables
  const replicator = functions.find(({ name }) => name.endsWith('-replicate'))
  const aws = (region: string): string => `aws --endpoint-url ${awsEndpoint} --region ${region}`
  return [
    '# the local AWS, for aws and npx twinshore',
    ...environment(world),
    ...(table ? [`${aws(table.region)} dynamodb scan --table-name ${table.name}`] : []),
    ...(replicator
      ? [`${aws(replicator.region)} lambda list-event-source-mappings --function-name ${replicator.name}`]
      : []),
  ]
}

const commandLines = ({ links }: WorldDescription): string[] => {
  const commands = ['plan', 'pause', 'resume'].flatMap((command) =>
    links.slice(0, 1).map(({ name }) => `npx twinshore ${command} ${name}`),
  )
  return ['# more with npx twinshore --help', ...commands]
}

/** The lines to paste, so that any client can write to the source and look at the rest. */
export const pasteLines = (world: WorldDescription): string =>
  [
    ...clusterLines(world),
    ...awsLines(world),
    ...commandLines(world),
    '# when done',
    `npm run local -- down${world.name === DEFAULT_NAME ? '' : ` --name ${world.name}`}`,
  ].join('\n')

export const DEFAULT_NAME = 'default'
