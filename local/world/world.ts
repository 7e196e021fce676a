import { join } from 'node:path'
import type { LocalName } from '../../infra/topologies/local.ts'
import { type LocalAws, startAws } from '../aws/aws.ts'
import { assemble, bootstrap, type DeployOptions, deploy, destroy } from '../aws/deploy.ts'
import { type DeployedStack, deployedMappings } from '../aws/deployed-stack.ts'
import type { MappingDelays } from '../aws/gateway/mappings.ts'
import { pollsKafkaItself, refuseRealAws, useAwsEndpoint } from '../aws/named-aws.ts'
import { type LocalCluster, startCluster } from '../kafka/cluster.ts'
import type { Say } from '../machine/download-cache.ts'
import { checkPrerequisites } from '../machine/prerequisites.ts'
import type { KafkaVersion } from '../machine/toolchain.ts'
import { Pollers, type PollersOptions } from './pollers.ts'
import {
  type LinkWishes,
  onePair,
  regionsOf,
  type WorldClusters,
  type WorldLayout,
  worldClusters,
} from './world-layout.ts'
import { tellStderr, type WorldProgress, type WorldStep } from './world-progress.ts'
import { grantLinks, keepSecrets, secretReader } from './world-security.ts'

export interface WorldOptions {
  /** All data of the world; made when it is not there. */
  readonly folder: string
  readonly brokers?: 1 | 3
  readonly secure?: boolean
  readonly version?: KafkaVersion
  /** @default two clusters and one link, which `topics` and `link` describe */
  readonly layout?: WorldLayout
  /** What the one link replicates. They need not exist yet. */
  readonly topics?: readonly LocalName[]
  /** Whatever else the one link shall be like. */
  readonly link?: LinkWishes
  /** Another AWS than the one that would be started. Its own pollers serve when it has any. */
  readonly awsEndpoint?: string
  /** Bring up the clusters, or clusters and AWS, and nothing more. */
  readonly only?: 'clusters' | 'aws'
  /** Asked whenever the polling of a mapping starts. */
  readonly choosePoller?: NonNullable<PollersOptions['choose']>
  readonly delays?: MappingDelays
  readonly onProgress?: WorldProgress
}

/** Clusters, an AWS and what is deployed to it; parts that were not asked for are absent. */
export interface World extends WorldClusters {
  readonly folder: string
  readonly aws: LocalAws | undefined
  readonly stacks: readonly DeployedStack[]
  /** Absent also when the AWS polls Kafka itself. */
  readonly pollers: Pollers | undefined
  /** Leaves nothing running; the folder stays. */
  stop(): Promise<void>
}

type Stop = () => Promise<void>
type Act<Result> = (say: Say) => Promise<Result>

/** Of all that the CDK CLI prints, what says that it gets on. */
const isHeadline = (line: string): boolean => /✅|⏳|Bundling|deploying\.\.\./u.test(line)

/** Waits for all also when one fails, so that nothing starts after the rest was stopped. */
const sideBySide = async <All extends readonly unknown[]>(
  all: readonly [...{ [At in keyof All]: Promise<All[At]> }],
): Promise<All> => {
  await Promise.allSettled(all)
  return (await Promise.all(all)) as readonly unknown[] as All
}

/** A single broker would be lost with its rack, which says nothing. */
const RACKS: Readonly<Record<1 | 3, readonly string[]>> = { 1: [], 3: ['rack-1', 'rack-2', 'rack-3'] }

/** A world while it comes up: what has started so far is stopped when the rest fails. */
class Start {
  readonly #options: WorldOptions
  readonly #layout: WorldLayout
  readonly #started: Stop[] = []

  constructor(options: WorldOptions) {
    this.#options = options
    this.#layout = options.layout ?? onePair(options.topics, options.link)
  }

  async clusters(): Promise<WorldClusters> {
    const names = Object.keys(this.#layout.clusters)
    const running = await this.#step('clusters', (say) => sideBySide(names.map((name) => this.#cluster(name, say))))
    return worldClusters(this.#layout, running)
  }

  aws(): Promise<LocalAws> {
    const { awsEndpoint, delays, folder } = this.#options
    return this.#step('aws', async (say) => {
      const optional = delays === undefined ? {} : { delays }
      const aws = await (awsEndpoint === undefined
        ? startAws({ folder, say, ...optional })
        : useAwsEndpoint(awsEndpoint, delays))
      this.#started.push(aws.stop)
      return aws
    })
  }

  prerequisites(): Promise<void> {
    return this.#step('prerequisites', checkPrerequisites)
  }

  stacks(clusters: WorldClusters, aws: LocalAws): Promise<DeployedStack[]> {
    return this.#step('stacks', async (say) => {
      const options = this.#deployOptions(clusters, aws, say)
      const [stacks] = await sideBySide([assemble(options), prepare(clusters, regionsOf(this.#layout), options)])
      if (this.#options.awsEndpoint !== undefined) this.#started.push(() => undeploy(aws, options))
      return deploy(stacks, options)
    })
  }

  /** Undefined when the AWS polls Kafka by itself. */
  pollers(stacks: readonly DeployedStack[], { url, gateway }: LocalAws): Promise<Pollers | undefined> {
    return this.#step('pollers', async (say) => {
      const { awsEndpoint, choosePoller: choose } = this.#options
      const mappings = stacks.flatMap(deployedMappings)
      if (awsEndpoint !== undefined && (await pollsKafkaItself(awsEndpoint, mappings))) {
        say(`${awsEndpoint} polls Kafka itself`)
        return undefined
      }
      const report = gateway.mappings.report.bind(gateway.mappings)
      const pollers = new Pollers({ endpoint: url, readSecret: secretReader(url), report, ...(choose && { choose }) })
      this.#started.push(() => gateway.mappings.stopPolling()) // before their clusters: who waits for one that is gone waits long
      await gateway.mappings.pollWith(pollers)
      await gateway.deployed.become(mappings)
      return pollers
    })
  }

  async stop(): Promise<void> {
    const failures: unknown[] = []
    for (const stop of this.#started.splice(0).reverse()) await stop().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  async #cluster(name: string, say: Say): Promise<LocalCluster> {
    const { folder, brokers = 1, secure = false, version = '4.3.1' } = this.#options
    const cluster = await startCluster({ name, folder, brokers, racks: RACKS[brokers], secure, version, say })
    this.#started.push(cluster.stop)
    return cluster
  }

  async #step<Result>(step: WorldStep, act: Act<Result>): Promise<Result> {
    const { onProgress = tellStderr } = this.#options
    onProgress(step, { kind: 'begun' })
    const result = await act((line) => onProgress(step, { kind: 'says', line }))
    onProgress(step, { kind: 'done' })
    return result
  }

  #deployOptions({ local }: WorldClusters, { url }: LocalAws, say: Say): DeployOptions {
    const { folder } = this.#options
    return {
      endpoint: url,
      home: join(folder, 'cdk-home'),
      assembly: join(folder, 'cdk.out'),
      context: { topology: 'local' },
      env: { TWINSHORE_LOCAL: JSON.stringify(local) },
      logFile: join(folder, 'cdk.log'),
      onOutput: (text) => text.split('\n').filter(isHeadline).forEach(say),
    }
  }
}

/** Secrets in all regions, as replicated secrets are, and the rights of the links' user. */
const prepare = async (
  { clusters, local }: WorldClusters,
  regions: readonly string[],
  options: DeployOptions,
): Promise<void> => {
  for (const region of regions)
    for (const cluster of clusters.values()) await keepSecrets(options.endpoint, region, cluster)
  await grantLinks(clusters, local.links)
  await bootstrap(regions, options)
}

/** An AWS that stays when the world goes is to be left as it was found. */
const undeploy = async ({ gateway }: LocalAws, options: DeployOptions): Promise<void> => {
  await gateway.deployed.become([])
  await destroy(options)
}

const bringUp = async (start: Start, { folder, only }: WorldOptions): Promise<World> => {
  await start.prerequisites()
  const stop = (): Promise<void> => start.stop()
  const nothing = { folder, stop, aws: undefined, stacks: [], pollers: undefined }
  if (only === 'clusters') return { ...nothing, ...(await start.clusters()) }
  const [clusters, aws] = await sideBySide([start.clusters(), start.aws()])
  if (only === 'aws') return { ...nothing, ...clusters, aws }
  const stacks = await start.stacks(clusters, aws)
  return { folder, stop, ...clusters, aws, stacks, pollers: await start.pollers(stacks, aws) }
}

/** Brings up a world, and returns when records that are written to topics which its links name are replicated. */
export const startWorld = async (options: WorldOptions): Promise<World> => {
  if (options.awsEndpoint !== undefined) refuseRealAws(options.awsEndpoint)
  const start = new Start(options)
  try {
    return await bringUp(start, options)
  } catch (error) {
    await start.stop()
    throw error
  }
}
