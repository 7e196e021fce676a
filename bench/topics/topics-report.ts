import type { Report, Target } from '../bench-part.ts'
import { formatFigure, formatSpread, sampleOf } from '../spread.ts'
import type { Table } from '../table.ts'
import type { Appearance } from './appearance.ts'
import type { Follower } from './follower.ts'
import type { PassFigures, RunnerFigures } from './pass-runner.ts'
import { PARTITIONS, type Scale } from './scale.ts'

const MEBIBYTE = 1024 ** 2
const MINUTE_SECONDS = 60
const FUNCTION_MIB = 512

const mebibytes = ({ peakMemoryBytes }: RunnerFigures): number => peakMemoryBytes / MEBIBYTE
const secondsOf = ({ passes }: RunnerFigures): number => passes.reduce((sum, { seconds }) => sum + seconds, 0)
const total = ({ requests }: PassFigures): number => Object.values(requests).reduce((sum, count) => sum + count, 0)
const longest = ({ passes }: RunnerFigures): number => Math.max(...passes.map(({ seconds }) => seconds))

/** The passes that had something to do. */
const busy = ({ passes }: RunnerFigures): readonly PassFigures[] => passes.filter(({ steps }) => steps > 0)

const firstTable = (scales: readonly Scale[]): Table => ({
  title: `From an empty target until it is in step (${PARTITIONS} partitions a topic)`,
  columns: [
    'topics',
    's to make them on the source',
    'passes',
    's in all',
    's the longest',
    'requests',
    'peak MiB',
    'faulted',
  ],
  rows: scales.map(({ topics, makingSeconds, first }) => [
    formatFigure(topics).replace(/\.0+$/, ''),
    formatFigure(makingSeconds),
    String(busy(first).length),
    formatFigure(secondsOf(first)),
    formatFigure(longest(first)),
    String(busy(first).reduce((sum, pass) => sum + total(pass), 0)),
    formatFigure(mebibytes(first)),
    String(Math.max(...first.passes.map(({ faulted }) => faulted))),
  ]),
})

const steadyTable = (scales: readonly Scale[]): Table => ({
  title: 'A pass with nothing to do, in a fresh process',
  columns: ['topics', 's the first', 's the next', 'CPU ms a pass', 'requests', 'peak MiB'],
  rows: scales.map(({ topics, steady }) => [
    formatFigure(topics).replace(/\.0+$/, ''),
    formatFigure(steady.passes[0]?.seconds ?? 0),
    formatSpread(sampleOf(steady.passes.slice(1).map(({ seconds }) => seconds))),
    formatFigure((steady.cpuSeconds * 1000) / steady.passes.length),
    String(Math.max(...steady.passes.map(total))),
    formatFigure(mebibytes(steady)),
  ]),
})

const kindsOf = (scales: readonly Scale[]): readonly string[] => [
  ...new Set(
    scales
      .flatMap(({ first, steady }) => [...first.passes, ...steady.passes])
      .flatMap((pass) => Object.keys(pass.requests)),
  ),
]

/** Of all passes until the target was in step, and of one with nothing to do. */
const requestsTable = (scales: readonly Scale[]): Table => ({
  title: 'Requests by kind: until in step, and with nothing to do',
  columns: ['request', ...scales.map(({ topics }) => `${topics} topics`)],
  rows: kindsOf(scales).map((kind) => [
    kind,
    ...scales.map(({ first, steady }) => {
      const count = busy(first).reduce((sum, { requests }) => sum + (requests[kind] ?? 0), 0)
      return `${count}, ${steady.passes.at(-1)?.requests[kind] ?? 0}`
    }),
  ]),
})

const appearanceTable = (appearances: ReadonlyMap<string, readonly Appearance[]>): Table => ({
  title: 'A new topic while another one gets 200 records/s',
  columns: ['copier', 's to its first record', 'longest gap of the other topic before, ms', 'meanwhile, ms'],
  rows: [...appearances].map(([name, runs]) => [
    name,
    runs.some(({ firstRecordSeconds }) => firstRecordSeconds === undefined)
      ? 'not in time'
      : formatSpread(sampleOf(runs.map(({ firstRecordSeconds }) => firstRecordSeconds ?? 0))),
    formatSpread(sampleOf(runs.map(({ gapBeforeMs }) => gapBeforeMs))),
    formatSpread(sampleOf(runs.map(({ gapMeanwhileMs }) => gapMeanwhileMs))),
  ]),
})

const target = (what: string, wanted: string, measured: number, most: number): Target => ({
  what,
  wanted,
  measured: formatFigure(measured),
  held: measured <= most,
})

/** More than linear is: more requests a topic than at the size before. */
const growth = (scales: readonly Scale[]): readonly Target[] =>
  scales.slice(1).flatMap((scale, at) => {
    const before = scales[at]
    if (before === undefined) return []
    const requests = ({ first, steady }: Scale) =>
      busy(first).reduce((sum, pass) => sum + total(pass), 0) + total(steady.passes[0] ?? { ...EMPTY })
    const times = scale.topics / before.topics
    const what = `requests at ${scale.topics} topics, in times of those at ${before.topics}`
    return [target(what, `at most ${times}`, requests(scale) / requests(before), times)]
  })

const EMPTY: PassFigures = { seconds: 0, steps: 0, failed: 0, faulted: 0, requests: {} }

const targetsOf = (scales: readonly Scale[]): readonly Target[] => {
  const largest = scales.at(-1)
  if (largest === undefined) return []
  const { topics, first, steady } = largest
  return [
    target(`s a pass over ${topics} topics with nothing to do`, 'its minute, 60', longest(steady), MINUTE_SECONDS),
    target(`s the longest pass over ${topics} new topics`, 'its minute, 60', longest(first), MINUTE_SECONDS),
    target(
      `peak MiB over ${topics} topics`,
      'at most 512',
      Math.max(mebibytes(first), mebibytes(steady)),
      FUNCTION_MIB,
    ),
    ...growth(scales),
  ]
}

export const reportTopics = (
  scales: readonly Scale[],
  appearances: ReadonlyMap<string, readonly Appearance[]>,
  followers: readonly Follower[],
): Report => ({
  tables: [firstTable(scales), steadyTable(scales), requestsTable(scales), appearanceTable(appearances)],
  targets: targetsOf(scales),
  notes: [
    'real brokers on both sides, one each; DynamoDB Local; the local control plane of mappings, asked at the ten requests a second that are ours of Lambda’s fifteen, which is most of the time of a first pass',
    'memory is of a Node process that reads the sources; passes until in step are 5 s apart instead of a minute, which is not counted',
    ...followers.map(({ name, settings }) => `${name}: ${settings}`),
    'on AWS a new event source mapping takes minutes to its first record, which is not measured here',
  ],
})
