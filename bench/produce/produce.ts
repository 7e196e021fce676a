import { startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { takeTurns } from '../contest-rounds.ts'
import { startDynamoDbLocal } from '../dynamodb-local.ts'
import { bundleReplicator } from '../replicator-bundle.ts'
import { formatFigure } from '../spread.ts'
import { type Arena, runHeat } from './contest.ts'
import { CONTESTANTS, contestantNamed } from './contestants.ts'
import { reportProduce, type ShapeResults } from './produce-report.ts'
import { type RecordShape, SHAPES } from './record-shape.ts'

const SIZES = {
  full: { rounds: 5, bytes: 800_000_000, warmUpBytes: 250_000_000 },
  quick: { rounds: 2, bytes: 120_000_000, warmUpBytes: 60_000_000 },
}

/** After a tenth of it the broker still took twice, and DynamoDB Local four times the CPU a gigabyte that they take later. */
const SERVER_WARM_UP_BYTES = 2_000_000_000

const runShape = async (shape: RecordShape, arena: Arena, { quick, say }: BenchOptions): Promise<ShapeResults> => {
  const { rounds, bytes, warmUpBytes } = quick ? SIZES.quick : SIZES.full
  const { portion = 1 } = shape
  const sizes = { bytes: bytes * portion, warmUpBytes: warmUpBytes * portion }
  const names = CONTESTANTS.map(({ name }) => name)
  const figures = await takeTurns(names, rounds, async (name, round) => {
    const contestant = contestantNamed(name)
    const result = await runHeat(contestant, { shape, round, ...sizes }, arena)
    const speed = formatFigure(result.bytes / 1e6 / result.seconds)
    const cpu = formatFigure(result.cpuSeconds / (result.bytes / 1e9))
    say(`produce: ${shape.name}, round ${round + 1} of ${rounds}: ${name}: ${speed} MB/s, ${cpu} CPU s/GB`)
    return result
  })
  return { shape, figures }
}

/** Of topics and tables that no round has. */
const WARM_UP = 1_000

/** Until the compilers of broker and DynamoDB Local have done their work, whoever comes first pays for it. */
const warmServers = async (arena: Arena, { say }: BenchOptions): Promise<void> => {
  const [shape] = SHAPES
  if (shape === undefined) return
  say('produce: warming the servers')
  const sizes = { bytes: SERVER_WARM_UP_BYTES, warmUpBytes: 0 }
  await runHeat(contestantNamed('twinshore'), { shape, round: WARM_UP, ...sizes }, arena)
}

const run = async (options: BenchOptions): Promise<Report> => {
  const { folder, say } = options
  say('produce: bundling the function, starting a broker and DynamoDB Local')
  await using resources = new AsyncDisposableStack()
  const bundle = await bundleReplicator(folder)
  const cluster = await startBenchCluster('target', folder)
  resources.defer(() => cluster.stop())
  const state = await startDynamoDbLocal(folder)
  resources.defer(() => state.stop())
  await warmServers({ cluster, state, bundle, folder }, options)
  const results: ShapeResults[] = []
  for (const shape of SHAPES) results.push(await runShape(shape, { cluster, state, bundle, folder }, options))
  return reportProduce(results)
}

export const produce: BenchPart = {
  name: 'produce',
  about: "The whole replicate function beside other clients' producers, on one broker",
  quickSizes: '2 rounds of 120 MB instead of 5 of 800 MB; of 100-byte records a quarter of that',
  run,
}
