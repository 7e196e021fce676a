import { startBenchCluster } from '../bench-cluster.ts'
import type { BenchOptions, BenchPart, Report, Target } from '../bench-part.ts'
import { sample, takeTurns } from '../contest-rounds.ts'
import { startDynamoDbLocal } from '../dynamodb-local.ts'
import { type Arena, runHeat } from '../produce/contest.ts'
import type { ContestFigures } from '../produce/contest-job.ts'
import { contestantNamed } from '../produce/contestants.ts'
import { type RecordShape, SHAPES } from '../produce/record-shape.ts'
import { bundleReplicator } from '../replicator-bundle.ts'
import { formatFigure, formatSpread, median, type Sample } from '../spread.ts'

const MEBIBYTE = 1024 ** 2

/** The heap that Node 24 gives itself by the memory there is (`heap_size_limit` in a memory cgroup of that size). */
const HEAP_MIB = { 512: 259, 1024: 560, 1769: 980 } as const
type FunctionMib = keyof typeof HEAP_MIB

interface MemoryCase {
  readonly name: string
  readonly shape: RecordShape
  readonly functionMib: FunctionMib
}

const SIZES = {
  full: { rounds: 3, bytes: 400_000_000, warmUpBytes: 100_000_000 },
  quick: { rounds: 1, bytes: 60_000_000, warmUpBytes: 10_000_000 },
}

/** Beside records of 900 KB little else fits into an event: their batches are the largest there are. */
const LARGE: readonly RecordShape[] = [
  { name: '900 KB', valueBytes: 900_000, content: 'text', compression: 'none' },
  { name: '900 KB, zstd', valueBytes: 900_000, content: 'text', compression: 'zstd' },
]

const caseOf = (shape: RecordShape, functionMib: FunctionMib): MemoryCase => ({
  name: `${shape.name}, ${functionMib} MiB`,
  shape,
  functionMib,
})

/** Every shape in the smallest function, and the first one in larger ones too. */
const CASES: readonly MemoryCase[] = [
  ...[...SHAPES, ...LARGE].map((shape) => caseOf(shape, 512)),
  ...SHAPES.slice(0, 1).flatMap((shape) => [caseOf(shape, 1024), caseOf(shape, 1769)]),
]

type Results = ReadonlyMap<string, readonly ContestFigures[]>

const peak = ({ peakMemoryBytes }: ContestFigures): number => peakMemoryBytes / MEBIBYTE
const cpu = ({ bytes, cpuSeconds }: ContestFigures): number => cpuSeconds / (bytes / 1e9)

const caseNamed = (name: string): MemoryCase => {
  const found = CASES.find((one) => one.name === name)
  if (found === undefined) throw new RangeError(`there is no case ${name}`)
  return found
}

const measure = ({ quick, say }: BenchOptions, arena: Arena): Promise<Results> => {
  const { rounds, ...sizes } = quick ? SIZES.quick : SIZES.full
  const names = CASES.map(({ name }) => name)
  return takeTurns(names, rounds, async (name, round) => {
    const { shape, functionMib } = caseNamed(name)
    const nodeOptions = [`--max-heap-size=${HEAP_MIB[functionMib]}`]
    const contestant = contestantNamed('twinshore, in a function')
    const result = await runHeat(
      contestant,
      { shape, round: CASES.length * round + names.indexOf(name), nodeOptions, ...sizes },
      arena,
    )
    say(`memory: round ${round + 1} of ${rounds}: ${name}: ${formatFigure(peak(result))} MiB`)
    return result
  })
}

const targetOf = (results: Results, { name, functionMib }: MemoryCase): Target => {
  const peaks: Sample = sample(results, name, peak)
  const most = (functionMib * 2) / 3
  return {
    what: `${name}: peak of the whole process`,
    wanted: `at most ${formatFigure(most)} MiB, two thirds`,
    measured: `${formatSpread(peaks)} MiB`,
    held: Math.max(...peaks) <= most,
  }
}

const reportOf = (results: Results): Report => {
  const peaksOf = ({ name }: MemoryCase): number => median(sample(results, name, peak))
  const smallest = CASES.filter(({ functionMib }) => functionMib === 512)
  const highest = smallest.reduce((one, other) => (peaksOf(other) > peaksOf(one) ? other : one))
  return {
    tables: [
      {
        title: 'The function with the heap that Node gives itself in so much memory; events of 6 MB or 10,000 records',
        columns: ['records, function', 'peak MiB', 'CPU s/GB'],
        rows: CASES.map(({ name }) => [name, ...[peak, cpu].map((read) => formatSpread(sample(results, name, read)))]),
      },
    ],
    targets: [targetOf(results, highest)],
    notes: [
      'resident memory of the whole process at its highest, by --max-heap-size; the text of the event and the pool of values that it was made of included',
      'Lambda counts its own runtime process too, some tens of MiB, which do not run here',
      'a small heap is collected more often, so that the same work takes more CPU in a smaller function',
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
  return reportOf(await measure(options, { cluster, state, bundle, folder }))
}

export const memory: BenchPart = {
  name: 'memory',
  about: 'Whether the function at 6 MB events fits 512 MB with a third to spare',
  quickSizes: '1 round of 60 MB instead of 3 of 400 MB',
  run,
}
