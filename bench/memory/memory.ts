import { startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report } from '../bench-part.ts'
import { sample, takeTurns } from '../contest-rounds.ts'
import { startDynamoDbLocal } from '../dynamodb-local.ts'
import { type Arena, runHeat } from '../produce/contest.ts'
import type { ContestFigures } from '../produce/contest-job.ts'
import { contestantNamed } from '../produce/contestants.ts'
import { type RecordShape, SHAPES } from '../produce/record-shape.ts'
import { bundleReplicator } from '../replicator-bundle.ts'
import { formatFigure, formatSpread, median, type Sample } from '../spread.ts'

const FUNCTION_MIB = 512
const MEBIBYTE = 1024 ** 2

/** What Node 24 makes of a machine of 512 MB by itself (`v8.getHeapStatistics()` in a memory cgroup of that size). */
const HEAP_OF_512_MIB = '--max-heap-size=259'

const SIZES = {
  full: { rounds: 3, bytes: 400_000_000, warmUpBytes: 100_000_000 },
  quick: { rounds: 1, bytes: 60_000_000, warmUpBytes: 10_000_000 },
}

/** Records beside which nothing else fits into an event come last: their batches are the largest there are. */
const MEMORY_SHAPES: readonly RecordShape[] = [
  ...SHAPES,
  { name: '900 KB', valueBytes: 900_000, content: 'text', compression: 'none' },
  { name: '900 KB, zstd', valueBytes: 900_000, content: 'text', compression: 'zstd' },
]

const peak = ({ peakMemoryBytes }: ContestFigures): number => peakMemoryBytes / MEBIBYTE

const measure = async (arena: Arena, { quick, say }: BenchOptions) => {
  const { rounds, ...sizes } = quick ? SIZES.quick : SIZES.full
  const names = MEMORY_SHAPES.map(({ name }) => name)
  return takeTurns(names, rounds, async (name, round) => {
    const shape = MEMORY_SHAPES.find((one) => one.name === name) ?? SHAPES[0]
    if (shape === undefined) throw new RangeError(`there is no record shape ${name}`)
    const result = await runHeat(
      contestantNamed('twinshore, in a function'),
      { shape, round, nodeOptions: [HEAP_OF_512_MIB], ...sizes },
      arena,
    )
    say(`memory: round ${round + 1} of ${rounds}: ${name} peaks at ${formatFigure(peak(result))} MiB`)
    return result
  })
}

const reportOf = (figures: ReadonlyMap<string, readonly ContestFigures[]>): Report => {
  const peaks = (name: string): Sample => sample(figures, name, peak)
  const cpu = (name: string): Sample => sample(figures, name, ({ bytes, cpuSeconds }) => cpuSeconds / (bytes / 1e9))
  const highest = [...figures.keys()].reduce((one, other) => (median(peaks(other)) > median(peaks(one)) ? other : one))
  const most = (FUNCTION_MIB * 2) / 3
  return {
    tables: [
      {
        title: 'The function with the heap that Node gives itself in 512 MB, events of 6 MB or 10,000 records',
        columns: ['records', 'peak MiB', 'CPU s/GB'],
        rows: [...figures.keys()].map((name) => [name, formatSpread(peaks(name)), formatSpread(cpu(name))]),
      },
    ],
    targets: [
      {
        what: `peak of the whole process, ${highest} records`,
        wanted: `at most ${formatFigure(most)} of ${FUNCTION_MIB} MiB`,
        measured: `${formatSpread(peaks(highest))} MiB`,
        held: Math.max(...peaks(highest)) <= most,
      },
    ],
    notes: [
      `${HEAP_OF_512_MIB}, resident memory of the whole process at its highest, the event's text and two spare copies of its values for making events included`,
      'Lambda counts its own runtime process too, some tens of MiB, which do not run here',
    ],
  }
}

const run = async (options: BenchOptions): Promise<Report> => {
  const { folder, say } = options
  say('memory: bundling the function, starting a broker and DynamoDB Local')
  await using resources = new AsyncDisposableStack()
  const bundle = await bundleReplicator(folder)
  const cluster = await startBenchCluster('target', folder)
  resources.defer(() => cluster.stop())
  const state = await startDynamoDbLocal(folder)
  resources.defer(() => state.stop())
  return reportOf(await measure({ cluster, state, bundle, folder }, options))
}

export const memory: BenchPart = {
  name: 'memory',
  about: 'Whether the function at 6 MB events fits 512 MB with a third to spare',
  run,
}
