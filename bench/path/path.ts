import { startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { takeTurns } from '../contest-rounds.ts'
import type { Copier } from '../copiers/copier.ts'
import { MIRROR_MAKER_DEFAULTS, MIRROR_MAKER_TUNED, mirrorMakerCopier } from '../copiers/mirror-maker-copier.ts'
import { twinshoreCopier } from '../copiers/twinshore-copier.ts'
import { startDynamoDbLocal } from '../dynamodb-local.ts'
import { bundleReplicator } from '../replicator-bundle.ts'
import { formatFigure, percentile } from '../spread.ts'
import { type CatchUp, type Course, fillSource, runCatchUp } from './catch-up.ts'
import { reportPath } from './path-report.ts'
import { runSteadyRate, type SteadyRate } from './steady-rate.ts'

const PARTITIONS = 8
const RECORD_BYTES = 1024
const SIZES = {
  full: { rounds: 3, records: 3_000_000, pace: { recordsPerSecond: 1000, settleMs: 10_000, measureMs: 30_000 } },
  quick: { rounds: 1, records: 300_000, pace: { recordsPerSecond: 1000, settleMs: 2_000, measureMs: 5_000 } },
}

const OURS = 'twinshore, window 500 ms'

const byName = (copiers: readonly Copier[]) => {
  const names = copiers.map(({ name }) => name)
  const find = (name: string): { readonly copier: Copier; readonly number: number } => {
    const number = names.indexOf(name)
    const copier = copiers[number]
    if (copier === undefined) throw new RangeError(`there is no copier ${name}`)
    return { copier, number }
  }
  return { names, find }
}

const catchUpInTurns = (copiers: readonly Copier[], course: Course, rounds: number, { say }: BenchOptions) => {
  const { names, find } = byName(copiers)
  return takeTurns(names, rounds, async (name, round): Promise<CatchUp> => {
    const { copier, number } = find(name)
    const result = await runCatchUp(copier, `copy${number}r${round}`, course)
    const speed = formatFigure(result.bytes / 1e6 / result.copySeconds)
    say(
      `path: round ${round + 1} of ${rounds}: ${name} ${speed} MB/s, first record after ${formatFigure(result.firstRecordSeconds)} s`,
    )
    return result
  })
}

const steadyInTurns = (copiers: readonly Copier[], course: Course, { quick, say }: BenchOptions) => {
  const { rounds, pace } = quick ? SIZES.quick : SIZES.full
  const { names, find } = byName(copiers)
  return takeTurns(names, rounds, async (name, round): Promise<SteadyRate> => {
    const { copier, number } = find(name)
    const result = await runSteadyRate(copier, `pace${number}r${round}`, pace, course)
    const [p50, p99] = [0.5, 0.99].map((share) => formatFigure(percentile(result.agesMs, share)))
    say(`path: round ${round + 1} of ${rounds}: ${name} at 1,000 records/s: p50 ${p50} ms, p99 ${p99} ms`)
    return result
  })
}

const run = async (options: BenchOptions): Promise<Report> => {
  const { folder, quick, say } = options
  const { rounds, records } = quick ? SIZES.quick : SIZES.full
  say('path: bundling the function, starting two brokers and DynamoDB Local')
  await using resources = new AsyncDisposableStack()
  const bundle = await bundleReplicator(folder)
  const source = await startBenchCluster('source', folder)
  resources.defer(() => source.stop())
  const target = await startBenchCluster('target', folder)
  resources.defer(() => target.stop())
  const state = await startDynamoDbLocal(folder)
  resources.defer(() => state.stop())
  const course: Course = {
    source,
    target,
    topic: 'path',
    partitions: PARTITIONS,
    records,
    recordBytes: RECORD_BYTES,
    folder,
  }
  say(`path: writing ${formatFigure((records * RECORD_BYTES) / 1e6)} MB to the source`)
  await fillSource(course)

  const window = (windowMs: 0 | 500): Copier =>
    twinshoreCopier({
      name: `twinshore, window ${windowMs} ms`,
      settings: 'one poller on demand, batches of up to 10,000 records, one function process, no compression',
      windowMs,
      bundle,
      state,
    })
  const mirrorMakers = [MIRROR_MAKER_DEFAULTS, MIRROR_MAKER_TUNED].map(mirrorMakerCopier)
  const ours = [window(500), window(0)]
  const catchUps = await catchUpInTurns([window(500), ...mirrorMakers], course, rounds, options)
  const steady = await steadyInTurns([...ours, ...mirrorMakers.slice(0, 1)], course, options)
  return reportPath(catchUps, steady, OURS, [...ours, ...mirrorMakers])
}

export const path: BenchPart = {
  name: 'path',
  about: 'The whole path from broker to broker beside MirrorMaker 2: throughput, CPU, memory, start, latency',
  quickSizes: '1 round instead of 3, of 307 MB instead of 3,072 MB and of 5 s of steady rate instead of 30 s',
  run,
}
