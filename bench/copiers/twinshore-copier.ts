import { join } from 'node:path'
import { eventually } from '../../local/machine/eventually.ts'
import { freePort } from '../../local/machine/free-port.ts'
import { type OwnedProcess, startProcess } from '../../local/machine/owned-process.ts'
import type { KafkaMapping } from '../../local/poller/mapping.ts'
import type { Isolation } from '../../local/poller/source-cluster.ts'
import { REPLICATE_NODE_OPTIONS } from '../../shared/config/replicate-config.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { type ProcessWatch, watchProcess } from '../process-figures.ts'
import { newReplicator, openAccess } from '../replicator.ts'
import type { Copier, CopyTask, RunningCopier } from './copier.ts'
import type { FunctionServerJob } from './function-server.ts'
import type { PollerJob } from './poller-runner.ts'

const FUNCTION_SERVER = join(import.meta.dirname, 'function-server.ts')
const POLLER_RUNNER = join(import.meta.dirname, 'poller-runner.ts')
const LISTENS_WITHIN_MS = 30_000
const BATCH_SIZE = 10_000

export interface TwinshoreOptions {
  readonly name: string
  readonly settings: string
  /** 500 is what a mapping has that names none. */
  readonly windowMs: 0 | 500
  /** What the poller reads; nobody knows what AWS's reads. @default read_uncommitted */
  readonly isolation?: Isolation
  readonly bundle: string
  readonly state: DynamoDbLocal
}

const mappingOf = ({ source, topic, alias }: CopyTask, windowMs: number): KafkaMapping => ({
  uuid: alias,
  functionName: 'bench-replicate',
  topic,
  consumerGroupId: `bench.${alias}.${topic}`,
  bootstrapServers: source.bootstrapServers,
  login: { kind: 'none' },
  batchSize: BATCH_SIZE,
  startingPosition: { kind: 'TRIM_HORIZON' },
  ...(windowMs === 500 ? {} : { maximumBatchingWindowMs: windowMs }),
})

const isListening = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: '{}' }).then(
    () => true,
    () => false,
  )

/** Our whole path in two processes: Lambda's poller, as the local world plays it, and the function. */
export const twinshoreCopier = ({ name, settings, windowMs, isolation, bundle, state }: TwinshoreOptions): Copier => ({
  name,
  settings,
  start: async (task) => {
    const { source, target, alias, folder } = task
    const link = {
      source: openAccess('source', source),
      target: openAccess('target', target),
      compression: 'none',
      replicaTemplate: `${alias}.{topic}`,
    } as const
    const replicator = await newReplicator(alias, link, bundle, state)
    const port = await freePort()
    const start = (file: string, job: FunctionServerJob | PollerJob, options: readonly string[] = []): OwnedProcess =>
      startProcess(process.execPath, [...options, file, JSON.stringify(job)], { logFile: join(folder, `${alias}.log`) })
    const replicate = start(FUNCTION_SERVER, { replicator, port }, REPLICATE_NODE_OPTIONS)
    await eventually('the function to listen', () => isListening(port), { withinMs: LISTENS_WITHIN_MS })
    const poller = start(POLLER_RUNNER, { mapping: mappingOf(task, windowMs), port, ...(isolation && { isolation }) })
    return running({ poller, function: replicate })
  },
})

const running = (processes: Readonly<Record<'poller' | 'function', OwnedProcess>>): RunningCopier => {
  const watches: [string, ProcessWatch][] = Object.entries(processes).map(([role, { pid }]) => [
    role,
    watchProcess(pid),
  ])
  return {
    figures: () => Object.fromEntries(watches.map(([role, watch]) => [role, watch.look()])),
    stop: async () => {
      for (const [, watch] of watches) watch.stop()
      await processes.poller.stop()
      await processes.function.stop()
    },
    kill: async () => {
      for (const [, watch] of watches) watch.stop()
      await Promise.all([processes.function.kill(), processes.poller.kill()])
    },
  }
}
