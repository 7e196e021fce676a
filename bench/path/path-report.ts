import type { Report } from '../bench-part.ts'
import { sample } from '../contest-rounds.ts'
import type { Copier } from '../copiers/copier.ts'
import type { ProcessFigures } from '../process-figures.ts'
import { formatFigure, formatSpread, percentile, ratios, type Sample, sampleOf } from '../spread.ts'
import type { Table } from '../table.ts'
import type { CatchUp } from './catch-up.ts'
import type { SteadyRate } from './steady-rate.ts'

const MEGABYTE = 1e6
const GIGABYTE = 1e9
const MEBIBYTE = 1024 ** 2

type Rounds<Figures> = ReadonlyMap<string, readonly Figures[]>

const throughput = ({ bytes, copySeconds }: CatchUp): number => bytes / MEGABYTE / copySeconds
const all = ({ processes }: CatchUp): ProcessFigures[] => Object.values(processes)
const cpuOf = (bytes: number, cpuSeconds: number): number => cpuSeconds / (bytes / GIGABYTE)
const cpu = (one: CatchUp): number =>
  cpuOf(
    one.bytes,
    all(one).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  )
const memory = (one: CatchUp): number =>
  all(one).reduce((sum, { peakMemoryBytes }) => sum + peakMemoryBytes, 0) / MEBIBYTE

const catchUpTable = (rounds: Rounds<CatchUp>, ours: string): Table => {
  const speed = (name: string): Sample => sample(rounds, name, throughput)
  return {
    title: 'Catching up, whole processes from their start to the last record',
    columns: ['copier', 'MB/s', 'CPU s/GB', 'peak MiB', 's to first record', `${ours} is faster by`],
    rows: [...rounds.keys()].map((name) => [
      name,
      formatSpread(speed(name)),
      formatSpread(sample(rounds, name, cpu)),
      formatSpread(sample(rounds, name, memory)),
      formatSpread(sample(rounds, name, ({ firstRecordSeconds }) => firstRecordSeconds)),
      name === ours ? '' : formatSpread(ratios(speed(ours), speed(name))),
    ]),
  }
}

/** The poller's share is AWS's to pay; the function's is the user's. */
const sharesTable = (rounds: Rounds<CatchUp>): Table => {
  const roles = [...rounds].flatMap(([name, runs]) =>
    Object.keys(runs[0]?.processes ?? {}).map((role) => ({ name, role })),
  )
  const share = (name: string, role: string, read: (figures: ProcessFigures, bytes: number) => number): string =>
    formatSpread(
      sampleOf(
        (rounds.get(name) ?? []).flatMap(({ processes, bytes }) =>
          processes[role] ? [read(processes[role], bytes)] : [],
        ),
      ),
    )
  return {
    title: 'Of which, by process',
    columns: ['process', 'CPU s/GB', 'peak MiB'],
    rows: roles.map(({ name, role }) => [
      `${name}: ${role}`,
      share(name, role, ({ cpuSeconds }, bytes) => cpuOf(bytes, cpuSeconds)),
      share(name, role, ({ peakMemoryBytes }) => peakMemoryBytes / MEBIBYTE),
    ]),
  }
}

const latencyTable = (rounds: Rounds<SteadyRate>): Table => ({
  title: 'At a steady 1,000 records/s of 1 KiB: ms from the producer to a reader on the target',
  columns: ['copier', 'p50', 'p99', 'most', 'records'],
  rows: [...rounds].map(([name, runs]) => [
    name,
    ...[0.5, 0.99, 1].map((share) => formatSpread(sampleOf(runs.map(({ agesMs }) => percentile(agesMs, share))))),
    formatFigure(runs.reduce((sum, { agesMs }) => sum + agesMs.length, 0)),
  ]),
})

export const reportPath = (
  catchUps: Rounds<CatchUp>,
  steady: Rounds<SteadyRate>,
  ours: string,
  copiers: readonly Copier[],
): Report => ({
  tables: [catchUpTable(catchUps, ours), sharesTable(catchUps), latencyTable(steady)],
  targets: [],
  notes: [
    ...copiers.map(({ name, settings }) => `${name}: ${settings}`),
    'CPU and memory are of whole processes, start included; the brokers and DynamoDB Local are not counted, and share the same cores',
    'on AWS the poller is a service: its CPU is not the user’s, and a new event source mapping takes minutes to its first record, which is not measured here',
  ],
})
