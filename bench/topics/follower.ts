import { join } from 'node:path'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { freePort } from '../../local/machine/free-port.ts'
import { type OwnedProcess, startProcess } from '../../local/machine/owned-process.ts'
import { polledMapping } from '../../local/world/polled-mapping.ts'
import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import { REPLICATE_NODE_OPTIONS } from '../../shared/config/replicate-config.ts'
import { syncTopics } from '../../shared/usecases/topics/sync-topics.ts'
import { startMirrorMaker } from '../copiers/mirror-maker.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { newReplicator, openAccess } from '../replicator.ts'
import { benchOrder } from './bench-link.ts'
import { startMappingService } from './mapping-service.ts'
import { syncDeps } from './sync-deps.ts'

export interface FollowTask {
  readonly source: LocalCluster
  readonly target: LocalCluster
  /** Given to nobody else; topics whose names begin so are followed, and copied to `<alias>.<topic>`. */
  readonly alias: string
  readonly folder: string
}

export interface RunningFollower {
  /** Resolves at the moment at which a topic is to be made. */
  due(): Promise<void>
  /** What an operator does when it is made. */
  made(): Promise<void>
  stop(): Promise<void>
}

/** Something that finds new topics on one cluster and copies them to another. */
export interface Follower {
  readonly name: string
  /** What it was told, for the reader. */
  readonly settings: string
  start(task: FollowTask): Promise<RunningFollower>
}

const MINUTE_MS = 60_000
const PASS_MS = 53_000
const LISTENS_WITHIN_MS = 30_000
const STOP_GRACE_MS = 60_000
const FUNCTION_SERVER = join(import.meta.dirname, '../copiers/function-server.ts')
const POLLER_RUNNER = join(import.meta.dirname, '../copiers/poller-runner.ts')

const patternOf = (alias: string): string => `${alias}-.*`
const atOnce = async (): Promise<void> => undefined

export const mirrorMakerFollower = (refreshSeconds: number | undefined): Follower => ({
  name: `MirrorMaker 2, ${refreshSeconds === undefined ? 'defaults' : `refresh every ${refreshSeconds} s`}`,
  settings:
    refreshSeconds === undefined
      ? 'as delivered: it looks for topics every ten minutes'
      : `refresh.topics.interval.seconds=${refreshSeconds}`,
  start: async ({ source, target, alias, folder }) => {
    const properties = refreshSeconds === undefined ? {} : { 'refresh.topics.interval.seconds': String(refreshSeconds) }
    const topic = patternOf(alias)
    const mirrorMaker = await startMirrorMaker({ source, target, alias, topic, folder, properties })
    return { due: atOnce, made: atOnce, stop: () => mirrorMaker.stop({ graceMs: STOP_GRACE_MS }).then(() => undefined) }
  },
})

export interface TwinshoreParts {
  readonly bundle: string
  readonly state: DynamoDbLocal
}

const isListening = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: '{}' }).then(
    () => true,
    () => false,
  )

/** The function's process, and a poller's process for each mapping that is enabled. */
const startPath = async ({ source, target, alias, folder }: FollowTask, { bundle, state }: TwinshoreParts) => {
  const link = {
    source: openAccess('source', source),
    target: openAccess('target', target),
    compression: 'none',
    replicaTemplate: `${alias}.{topic}`,
  } as const
  const replicator = await newReplicator(alias, link, bundle, state)
  const port = await freePort()
  const logFile = join(folder, `${alias}.log`)
  const start = (file: string, job: object, options: readonly string[] = []): OwnedProcess =>
    startProcess(process.execPath, [...options, file, JSON.stringify(job)], { logFile })
  const replicate = start(FUNCTION_SERVER, { replicator, port }, REPLICATE_NODE_OPTIONS)
  await eventually('the function to listen', () => isListening(port), { withinMs: LISTENS_WITHIN_MS })
  const pollers = new Map<string, OwnedProcess>()
  const noSecret = () => Promise.reject(new Error('nobody keeps secrets here'))
  const mappings = await startMappingService({
    start: async (mapping) => {
      pollers.set(mapping.uuid, start(POLLER_RUNNER, { mapping: await polledMapping(mapping, noSecret), port }))
    },
    stop: async (uuid) => void (await pollers.get(uuid)?.stop()),
  })
  const stop = async (): Promise<void> => {
    await mappings.stop()
    await Promise.all([...pollers.values()].map((poller) => poller.stop()))
    await replicate.stop()
  }
  return { mappings, stop }
}

/** Our whole path. `every minute`: as deployed, a topic is made halfway between two passes; `apply`: somebody asks for a pass. */
export const twinshoreFollower = (passes: 'every minute' | 'apply', parts: TwinshoreParts): Follower => ({
  name: passes === 'apply' ? 'twinshore, apply' : 'twinshore, a pass every minute',
  settings: 'a poller and a consumer group for each topic; a window of 500 ms',
  start: async (task) => {
    const { source, target, alias } = task
    const path = await startPath(task, parts)
    const naming = `${alias}.{topic}` as const
    const order = benchOrder({ name: alias, source, target, topics: [new RegExp(patternOf(alias))], naming })
    const deps = syncDeps(order, { state: parts.state, mappingsUrl: path.mappings.url })
    const pass = async (): Promise<void> => {
      const deadline = startDeadline(PASS_MS)
      await syncTopics(deadline, deps).finally(() => deadline.end())
    }
    await pass()
    const stop = async (): Promise<void> => {
      deps.close()
      await path.stop()
    }
    return passes === 'apply' ? { due: atOnce, made: pass, stop } : everyMinute(pass, stop)
  },
})

const everyMinute = (pass: () => Promise<void>, stop: () => Promise<void>): RunningFollower => {
  let last = performance.now()
  let passing = Promise.resolve()
  const timer = setInterval(() => {
    last = performance.now()
    passing = passing.then(pass)
  }, MINUTE_MS)
  const isHalfway = (): boolean => performance.now() - last >= MINUTE_MS / 2
  return {
    due: async () => void (await eventually('the middle between two passes', isHalfway, { withinMs: MINUTE_MS })),
    made: atOnce,
    stop: async () => {
      clearInterval(timer)
      await passing
      await stop()
    },
  }
}
