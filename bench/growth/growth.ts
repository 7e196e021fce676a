import { startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { startDynamoDbLocal } from '../dynamodb-local.ts'
import { bundleReplicator } from '../replicator-bundle.ts'
import { measureFanout } from './fanout.ts'
import type { FanoutFigures } from './fanout-runner.ts'
import { reportGrowth } from './growth-report.ts'
import { measureMap, measureWrites, type WriteCosts } from './map-growth.ts'

const SIZES = {
  full: {
    writes: [
      { recordsPerBatch: 1, batches: 1000 },
      { recordsPerBatch: 10, batches: 1000 },
      { recordsPerBatch: 100, batches: 200 },
      { recordsPerBatch: 1000, batches: 50 },
    ],
    runs: [10, 100, 1_000, 10_000, 100_000, 1_000_000],
    rounds: 200,
    partitions: [1, 10, 100, 1000],
    fanout: { records: 2_000, warmUps: 20, events: 30 },
  },
  quick: {
    writes: [
      { recordsPerBatch: 1, batches: 300 },
      { recordsPerBatch: 100, batches: 20 },
    ],
    runs: [10, 1_000, 100_000],
    rounds: 20,
    partitions: [1, 10, 100],
    fanout: { records: 2_000, warmUps: 3, events: 5 },
  },
}

const run = async (options: BenchOptions): Promise<Report> => {
  const { folder, quick, say } = options
  const sizes = quick ? SIZES.quick : SIZES.full
  say('growth: bundling the function, starting a broker and DynamoDB Local')
  await using resources = new AsyncDisposableStack()
  const bundle = await bundleReplicator(folder)
  const state = await startDynamoDbLocal(folder)
  resources.defer(() => state.stop())
  const writes: WriteCosts[] = []
  for (const { recordsPerBatch, batches } of sizes.writes) {
    writes.push(await measureWrites(state, `bench-writes-${recordsPerBatch}`, recordsPerBatch, batches))
    say(`growth: ${batches} batches of ${recordsPerBatch} records, every second offset a hole`)
  }
  const maps = await measureMap(state, sizes.runs, sizes.rounds, say)
  const cluster = await startBenchCluster('target', folder)
  resources.defer(() => cluster.stop())
  const fanouts = new Map<number, FanoutFigures>()
  for (const partitions of sizes.partitions) {
    fanouts.set(partitions, await measureFanout(partitions, sizes.fanout, { cluster, state, bundle }))
    say(`growth: events over ${partitions} partitions`)
  }
  return reportGrowth(writes, maps, fanouts, sizes.fanout.records)
}

export const growth: BenchPart = {
  name: 'growth',
  about: 'What grows with history and with partitions, and what does not',
  quickSizes: 'up to 100,000 runs instead of 1,000,000, 20 reads instead of 200, up to 100 partitions instead of 1,000',
  run,
}
