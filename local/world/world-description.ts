import { topology } from '../../infra/topologies/local.ts'
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
    readonly side: 'source' | 'target'
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
  }[]
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

interface Kept {
  readonly name: string
  readonly keeper: number
  readonly topics: readonly string[]
}

export const describeWorld = (world: World, { name, keeper, topics }: Kept): WorldDescription => {
  const { links } = topology
  const [{ source, target } = { source: undefined, target: undefined }] = links
  const sides = [
    { side: 'source', cluster: world.source, known: source },
    { side: 'target', cluster: world.target, known: target },
  ] as const
  return {
    name,
    folder: world.folder,
    keeper,
    clusters: sides.map(({ side, cluster, known }) => ({
      side,
      name: known?.name ?? side,
      region: known?.region ?? '',
      clusterId: cluster.clusterId,
      bootstrapServers: cluster.bootstrapServers,
      ...describeLogin(cluster),
    })),
    awsEndpoint: world.aws?.url ?? '',
    credentials: LOCAL_CREDENTIALS,
    regions: [...new Set(links.flatMap((link) => [link.source.region, link.target.region]))],
    links: links.map((link) => ({ name: link.name, source: link.source.name, target: link.target.name, topics })),
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

/** The lines to paste, so that any client can write to the source and look at the rest. */
export const pasteLines = (world: WorldDescription): string => {
  const { clusters, links, tables, functions, credentials, awsEndpoint, name } = world
  const topic = links[0]?.topics[0] ?? ''
  const [table] = tables
  const [fn] = functions
  const aws = (region: string | undefined): string => `aws --endpoint-url ${awsEndpoint} --region ${region}`
  const lines = [
    ...clusters.map((cluster) => {
      const does =
        cluster.side === 'source'
          ? `echo hello | ${kcat(cluster)} -P -t ${topic}`
          : `${kcat(cluster)} -C -e -t ${topic}`
      return `# the ${cluster.side}: ${cluster.name} in ${cluster.region}\n${does}`
    }),
    `# the local AWS\nexport ${Object.entries(credentials)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')}`,
    ...(table ? [`${aws(table.region)} dynamodb scan --table-name ${table.name}`] : []),
    ...(fn ? [`${aws(fn.region)} lambda list-event-source-mappings --function-name ${fn.name}`] : []),
    `# when done\nnpm run local -- down${name === DEFAULT_NAME ? '' : ` --name ${name}`}`,
  ]
  return lines.join('\n')
}

export const DEFAULT_NAME = 'default'
