import type { Report, Target } from '../bench-part.ts'
import { formatFigure, formatSpread, median, percentile, type Sample, sampleOf } from '../spread.ts'
import type { Table } from '../table.ts'
import type { FanoutFigures } from './fanout-runner.ts'
import type { MapCosts, WriteCosts } from './map-growth.ts'

const MEBIBYTE = 1024 ** 2
/** "Some hundreds" of runs a page. */
const LEAST_RUNS_PER_PAGE = 200
/** What counts as flat, from the smallest map to the largest. */
const FLAT = 1.5

const count = (number: number): string => number.toLocaleString('en-US')
const centre = (sample: Sample): string =>
  `${formatFigure(median(sample))} (${formatFigure(percentile(sample, 0.05))}–${formatFigure(percentile(sample, 0.95))})`

const writesTable = (writes: readonly WriteCosts[]): Table => ({
  title: 'DynamoDB writes of one partition when every second offset is a hole, so that every record is a run',
  columns: ['records a batch', 'batches', 'writes a batch', 'of which pages', 'runs a page'],
  rows: writes.map(({ recordsPerBatch, batches, writesPerBatch, runsPerPage }) => [
    count(recordsPerBatch),
    count(batches),
    writesPerBatch.toFixed(3),
    (writesPerBatch - 1).toFixed(3),
    formatFigure(runsPerPage),
  ]),
})

const mapTable = (maps: readonly MapCosts[]): Table => ({
  title:
    'With so many runs behind it: a batch of 10 records, and a translation anywhere in the map; ms, 5th to 95th percentile',
  columns: ['runs', 'ms a batch', 'writes a batch', 'ms a translation', 'reads a translation, most'],
  rows: maps.map(({ runs, batchMs, writesPerBatch, translationMs, readsPerTranslation }) => [
    count(runs),
    centre(batchMs),
    formatFigure(writesPerBatch),
    centre(translationMs),
    String(Math.max(...readsPerTranslation)),
  ]),
})

const fanoutTable = (fanouts: ReadonlyMap<number, FanoutFigures>, records: number): Table => ({
  title: `One event of ${count(records)} records of 1 KiB over so many partitions`,
  columns: ['partitions', 'ms an event', 'CPU ms an event', 'peak MiB'],
  rows: [...fanouts].map(([partitions, { eventMs, cpuMsPerEvent, peakMemoryBytes }]) => [
    count(partitions),
    formatSpread(sampleOf(eventMs)),
    formatFigure(cpuMsPerEvent),
    formatFigure(peakMemoryBytes / MEBIBYTE),
  ]),
})

const writeTargets = (writes: readonly WriteCosts[]): Target[] =>
  writes.map(({ recordsPerBatch, writesPerBatch, runsPerPage }) => ({
    what: `writes a batch of ${count(recordsPerBatch)} runs`,
    wanted: `1, and 1 for each ${LEAST_RUNS_PER_PAGE} runs`,
    measured: `${writesPerBatch.toFixed(3)}, ${formatFigure(runsPerPage)} runs a page`,
    held: writesPerBatch <= 1 + recordsPerBatch / LEAST_RUNS_PER_PAGE,
  }))

/** Compared are maps that take the same reads: the smallest ones are all in the head, and need no page. */
const flatTarget = (what: string, maps: readonly MapCosts[], read: (costs: MapCosts) => Sample): Target => {
  const pages = (costs: MapCosts | undefined): number => (costs ? median(costs.readsPerTranslation) : Number.NaN)
  const alike = maps.filter((costs) => pages(costs) === pages(maps.at(-1)))
  const middles = alike.map((costs) => median(read(costs)))
  const growth = Math.max(...middles) / (middles[0] ?? Number.NaN)
  return {
    what: `${what}, from ${count(alike[0]?.runs ?? 0)} runs to ${count(alike.at(-1)?.runs ?? 0)}`,
    wanted: `at most ${FLAT} times as much`,
    measured: formatFigure(growth),
    held: growth <= FLAT,
  }
}

const readsTarget = (maps: readonly MapCosts[]): Target => {
  const most = Math.max(...maps.flatMap(({ readsPerTranslation }) => readsPerTranslation))
  return {
    what: 'reads a translation, the head included',
    wanted: 'at most 3',
    measured: String(most),
    held: most <= 3,
  }
}

export const reportGrowth = (
  writes: readonly WriteCosts[],
  maps: readonly MapCosts[],
  fanouts: ReadonlyMap<number, FanoutFigures>,
  records: number,
): Report => ({
  tables: [writesTable(writes), mapTable(maps), fanoutTable(fanouts, records)],
  targets: [
    ...writeTargets(writes),
    flatTarget('ms a batch', maps, ({ batchMs }) => batchMs),
    flatTarget('ms a translation', maps, ({ translationMs }) => translationMs),
    readsTarget(maps),
  ],
  notes: [
    'the first two tables: the real use case and the real state on DynamoDB Local, with logs that answer at once; sizes take turns',
    'the third: the deployed bundle, a real broker and DynamoDB Local; each partition costs a write of its own, side by side',
  ],
})
