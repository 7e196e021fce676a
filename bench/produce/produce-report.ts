import type { Report, Target } from '../bench-part.ts'
import { sample } from '../contest-rounds.ts'
import { formatFigure, formatSpread, median, ratios, type Sample } from '../spread.ts'
import type { Table } from '../table.ts'
import type { ContestFigures } from './contest-job.ts'
import { CONTESTANTS, type Contestant } from './contestants.ts'
import { type RecordShape, SHAPES } from './record-shape.ts'

/** All rounds of one shape. */
export interface ShapeResults {
  readonly shape: RecordShape
  readonly figures: ReadonlyMap<string, readonly ContestFigures[]>
}

const MEGABYTE = 1e6
const GIGABYTE = 1e9
const MEBIBYTE = 1024 ** 2

const throughput = ({ bytes, seconds }: ContestFigures): number => bytes / MEGABYTE / seconds
const cpuPerGigabyte = ({ bytes, cpuSeconds }: ContestFigures): number => cpuSeconds / (bytes / GIGABYTE)
const peakMebibytes = ({ peakMemoryBytes }: ContestFigures): number => peakMemoryBytes / MEBIBYTE

/** As if the event had come as objects. */
const withoutParse = ({ parse, ...figures }: ContestFigures): ContestFigures => ({
  ...figures,
  seconds: figures.seconds - (parse?.seconds ?? 0),
  cpuSeconds: figures.cpuSeconds - (parse?.cpuSeconds ?? 0),
})

const OURS = { 'in a function': 'twinshore, in a function', 'at best': 'twinshore' } as const

/** Throughput, CPU and memory. */
type Figures = readonly [Sample, Sample, Sample]

const cellsOf = (figures: Figures): string[] => figures.map(formatSpread)

const figuresOf = ({ figures }: ShapeResults, name: string, of = (one: ContestFigures) => one): Figures => [
  sample(figures, name, (one) => throughput(of(one))),
  sample(figures, name, (one) => cpuPerGigabyte(of(one))),
  sample(figures, name, (one) => peakMebibytes(of(one))),
]

/**
 * Like with like: at best the others begin at ready bytes, so that ours begins at the object that Lambda's runtime hands to a
 * function, and still decodes base64; in a function all of them begin at the bytes of the event.
 */
const ourThroughput: Readonly<Record<Contestant['discipline'], (figures: ContestFigures) => number>> = {
  'in a function': throughput,
  'at best': (figures) => throughput(withoutParse(figures)),
}

const speedRatio = ({ figures }: ShapeResults, { name, discipline }: Contestant): Sample =>
  ratios(sample(figures, OURS[discipline], ourThroughput[discipline]), sample(figures, name, throughput))

const rowsOf = (results: ShapeResults, contestant: Contestant): string[][] => {
  const { name, client } = contestant
  if (client !== 'twinshore')
    return [[name, ...cellsOf(figuresOf(results, name)), formatSpread(speedRatio(results, contestant))]]
  return [
    [name, ...cellsOf(figuresOf(results, name)), ''],
    [`${name}, without JSON.parse`, ...cellsOf(figuresOf(results, name, withoutParse)), ''],
  ]
}

const tableOf = (results: ShapeResults): Table => {
  const { name, valueBytes, content, compression } = results.shape
  return {
    title: `${name} records (${valueBytes} bytes, ${content}, compression ${compression})`,
    columns: ['client', 'MB/s', 'CPU s/GB', 'peak MiB', 'twinshore is so many times as fast'],
    rows: CONTESTANTS.flatMap((contestant) => rowsOf(results, contestant)),
  }
}

/** A ratio of throughputs, run by run, against the least that is wanted. */
const speedTarget = (results: ShapeResults, peer: Contestant, least: number): Target => {
  const ratio = speedRatio(results, peer)
  return {
    what: `${results.shape.name}: MB/s beside ${peer.name}`,
    wanted: `at least ${least} times`,
    measured: formatSpread(ratio),
    held: median(ratio) >= least,
  }
}

const cpuTarget = ({ shape, figures }: ShapeResults, most: number, because: string): Target => {
  const ours = sample(figures, OURS['at best'], cpuPerGigabyte)
  return {
    what: `${shape.name}: CPU s/GB`,
    wanted: `at most ${formatFigure(most)}${because}`,
    measured: formatSpread(ours),
    held: median(ours) <= most,
  }
}

const LEAST = { ProducerPerformance: 0.85, kafkajs: 2.5, platformatic: 1 } as const
const MOST_CPU_SECONDS = 6

/** The other shapes have no numbers to reach: they must not be worse than the better of the two other Node clients. */
const isNodePeer = ({ client }: Contestant): boolean => client === 'kafkajs' || client === 'platformatic'

const targetsOf = (results: ShapeResults): Target[] => {
  const [first] = SHAPES
  const peers = CONTESTANTS.filter(({ client }) => client !== 'twinshore')
  if (results.shape.name === first?.name) {
    const speeds = peers.map((peer) => speedTarget(results, peer, peer.client === 'twinshore' ? 1 : LEAST[peer.client]))
    return [...speeds, cpuTarget(results, MOST_CPU_SECONDS, '')]
  }
  const node = peers.filter(isNodePeer)
  const mostCpu = Math.min(...node.map(({ name }) => median(sample(results.figures, name, cpuPerGigabyte))))
  return [...node.map((peer) => speedTarget(results, peer, 1)), cpuTarget(results, mostCpu, ', the better Node client')]
}

const settingsNotes = (): string[] => [...new Set(CONTESTANTS.map(({ client, settings }) => `${client}: ${settings}`))]

export const reportProduce = (results: readonly ShapeResults[]): Report => ({
  tables: results.map(tableOf),
  targets: results.flatMap(targetsOf),
  notes: [
    ...settingsNotes(),
    'in a function: from the bytes of one event after the other, as a sandbox of Lambda gets them, so that the other clients parse JSON and decode base64 too, but keep no checkpoints; otherwise: each client at its best, the others with values as ready bytes, and compared with twinshore from the object that the runtime of Lambda hands to it (without JSON.parse)',
    'events of 6 MB or 10,000 records, whatever comes first, over 8 partitions; for twinshore reading and moving the checkpoints is counted, the CPU of DynamoDB Local is not, though it shares the cores',
    'all: acks=all, one broker, the same pool of values with null keys, MB of values (10^6 bytes), each client in a process of its own, user and system time of all its threads',
  ],
})
