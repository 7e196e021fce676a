import type { Report, Target } from '../bench-part.ts'
import { sample } from '../contest-rounds.ts'
import { formatFigure, formatSpread, median, ratios, type Sample } from '../spread.ts'
import type { Table } from '../table.ts'
import { CONTESTANTS, type Contestant } from './contest.ts'
import type { ContestFigures } from './contest-job.ts'
import { KAFKAJS_SETTINGS } from './kafkajs.ts'
import { PLATFORMATIC_SETTINGS } from './platformatic.ts'
import { PRODUCER_PERFORMANCE_SETTINGS } from './producer-performance.ts'
import type { RecordShape } from './record-shape.ts'
import { TWINSHORE_SETTINGS } from './twinshore.ts'

/** All rounds of one shape. */
export interface ShapeResults {
  readonly shape: RecordShape
  readonly figures: ReadonlyMap<Contestant, readonly ContestFigures[]>
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

const PEERS: readonly Contestant[] = CONTESTANTS.filter((name) => name !== 'twinshore')

const LABELS: Readonly<Record<Contestant, string>> = {
  twinshore: 'twinshore, JSON.parse counted',
  kafkajs: 'kafkajs 2.2.4',
  platformatic: '@platformatic/kafka 2.12.1',
  ProducerPerformance: "Kafka's ProducerPerformance",
}

const tableOf = ({ shape, figures }: ShapeResults): Table => {
  const ours = sample(figures, 'twinshore', throughput)
  const cells = (name: Contestant, of: (one: ContestFigures) => ContestFigures): string[] =>
    [throughput, cpuPerGigabyte, peakMebibytes].map((read) =>
      formatSpread(sample(figures, name, (one) => read(of(one)))),
    )
  const row = (name: Contestant): string[] => [
    LABELS[name],
    ...cells(name, (one) => one),
    name === 'twinshore' ? '' : formatSpread(ratios(ours, sample(figures, name, throughput))),
  ]
  return {
    title: `${shape.name} records (${shape.valueBytes} bytes, ${shape.content}, compression ${shape.compression})`,
    columns: ['client', 'MB/s', 'CPU s/GB', 'peak MiB', 'twinshore is faster by'],
    rows: [
      row('twinshore'),
      ['twinshore, without JSON.parse', ...cells('twinshore', withoutParse), ''],
      ...PEERS.map(row),
    ],
  }
}

/** A ratio of throughputs, run by run, against the least that is wanted. */
const speedTarget = ({ shape, figures }: ShapeResults, peer: Contestant, least: number): Target => {
  const ratio = ratios(sample(figures, 'twinshore', throughput), sample(figures, peer, throughput))
  return {
    what: `${shape.name}: MB/s beside ${LABELS[peer]}`,
    wanted: `at least ${least} times`,
    measured: formatSpread(ratio),
    held: median(ratio) >= least,
  }
}

const cpuTarget = (results: ShapeResults, most: number, because: string): Target => {
  const ours = sample(results.figures, 'twinshore', cpuPerGigabyte)
  return {
    what: `${results.shape.name}: CPU s/GB`,
    wanted: `at most ${formatFigure(most)}${because}`,
    measured: formatSpread(ours),
    held: median(ours) <= most,
  }
}

/** The other shapes have no numbers to reach: they must not be worse than the better of the two other Node clients. */
const NODE_PEERS = ['kafkajs', 'platformatic'] as const

const targetsOf = (results: ShapeResults): Target[] => {
  const { shape, figures } = results
  if (shape.name === '1 KiB') {
    return [
      speedTarget(results, 'ProducerPerformance', 0.85),
      speedTarget(results, 'kafkajs', 2.5),
      speedTarget(results, 'platformatic', 1),
      cpuTarget(results, 6, ''),
    ]
  }
  const least = (peer: Contestant): Sample => sample(figures, peer, cpuPerGigabyte)
  const mostCpu = Math.min(...NODE_PEERS.map((peer) => median(least(peer))))
  return [
    ...NODE_PEERS.map((peer) => speedTarget(results, peer, 1)),
    cpuTarget(results, mostCpu, ', the better Node client'),
  ]
}

export const reportProduce = (results: readonly ShapeResults[]): Report => ({
  tables: results.map(tableOf),
  targets: results.flatMap(targetsOf),
  notes: [
    `twinshore: ${TWINSHORE_SETTINGS}; events of 6 MB or 10,000 records, whatever comes first, over 8 partitions; reading and moving the checkpoint is counted, DynamoDB Local's own CPU is not`,
    `kafkajs: ${KAFKAJS_SETTINGS}`,
    `platformatic: ${PLATFORMATIC_SETTINGS}`,
    `ProducerPerformance: ${PRODUCER_PERFORMANCE_SETTINGS}; counted from after its warm-up to its last report`,
    'all: acks=all, one broker, the same pool of values with null keys, MB of values (10^6 bytes), each client in a process of its own, user and system time of all its threads',
  ],
})
