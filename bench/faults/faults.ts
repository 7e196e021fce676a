import { gapLedger } from '../../shared/adapters/dynamodb/gap-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { MIRROR_MAKER_DEFAULTS, mirrorMakerCopier } from '../copiers/mirror-maker-copier.ts'
import { type TwinshoreOptions, twinshoreCopier } from '../copiers/twinshore-copier.ts'
import { type DynamoDbLocal, startDynamoDbLocal } from '../dynamodb-local.ts'
import { tableOf } from '../replicator.ts'
import { bundleReplicator } from '../replicator-bundle.ts'
import { aborted } from './aborted.ts'
import type { FaultReport, RunFault } from './fault.ts'
import type { Contender, FaultCourse } from './fault-course.ts'
import { killed } from './killed.ts'
import { retention } from './retention.ts'

const NO_DEADLINE = { at: Number.MAX_SAFE_INTEGER, signal: new AbortController().signal }

const twinshore = (options: Omit<TwinshoreOptions, 'settings' | 'windowMs'>): Contender => ({
  copier: twinshoreCopier({ ...options, settings: '', windowMs: 0 }),
  gaps: (alias, partition) => gapLedger(tableFor(options.state, alias)).gaps(partition, NO_DEADLINE),
})

const tableFor = ({ client }: DynamoDbLocal, alias: string): LinkTable =>
  new LinkTable({ client, name: tableOf(alias) })

/** MirrorMaker keeps no account of what it did not copy. */
const mirrorMaker = (settings: Parameters<typeof mirrorMakerCopier>[0]): Contender => ({
  copier: mirrorMakerCopier(settings),
  gaps: async () => [],
})

const readingCommitted = {
  ...MIRROR_MAKER_DEFAULTS,
  name: 'MirrorMaker 2, reading committed',
  properties: (alias: string) => ({ [`${alias}.consumer.isolation.level`]: 'read_committed' }),
}

const run = async ({ folder, quick, say }: BenchOptions): Promise<Report> => {
  say('faults: bundling the function, starting two brokers and DynamoDB Local')
  await using resources = new AsyncDisposableStack()
  const bundle = await bundleReplicator(folder)
  const source = await startBenchCluster('source', folder)
  resources.defer(() => source.stop())
  const target = await startBenchCluster('target', folder)
  resources.defer(() => target.stop())
  const state = await startDynamoDbLocal(folder)
  resources.defer(() => state.stop())
  const course: FaultCourse = { source, target, folder, quick, say }
  const contenders = {
    twinshore: twinshore({ name: 'twinshore', bundle, state }),
    mirrorMaker: mirrorMaker(MIRROR_MAKER_DEFAULTS),
  }
  const committed = {
    twinshore: twinshore({ name: 'twinshore, poller reading committed', bundle, state, isolation: 'read_committed' }),
    mirrorMaker: mirrorMaker(readingCommitted),
  }
  const all: readonly RunFault[] = [aborted(committed), retention, killed]
  const reports: FaultReport[] = []
  for (const fault of all) reports.push(await fault(contenders, course))
  return {
    tables: reports.map(({ table }) => table),
    targets: reports.flatMap(({ targets }) => targets),
    notes: reports.flatMap(({ notes }) => notes),
  }
}

export const faults: BenchPart = {
  name: 'faults',
  about: 'The same faults beside MirrorMaker 2: killed, overtaken by retention, aborted transactions',
  quickSizes: '80,000 records under the kill instead of 160,000; the other faults in full',
  run,
}
