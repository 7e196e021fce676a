import type { Report } from '../bench-part.ts'
import { sample } from '../contest-rounds.ts'
import type { Copier } from '../copiers/copier.ts'
import { formatFigure, formatSpread, percentile, ratios, type Sample, sampleOf } from '../spread.ts'
import type { Table } from '../table.ts'
import type { CatchUp } from './catch-up.ts'
import type { SteadyRate } from './steady-rate.ts'

const MEGABYTE = 1e6
const GIGABYTE = 1e9
const MEBIBYTE = 1024 ** 2

type Rounds<Figures> = ReadonlyMap<string, readonly Figures[]>

const throughput = ({ bytes, copySeconds }: CatchUp): number => bytes / MEGABYTE / copySeconds

/** Of one process, or of all of them: to the first record, while copying, and at most. */
const startCpu = ({ atFirst }: CatchUp, roles: readonly string[]): number =>
  roles.reduce((sum, role) => sum + (atFirst[role]?.cpuSeconds ?? 0), 0)
const copyCpu = (one: CatchUp, roles: readonly string[]): number => {
  const used = roles.reduce((sum, role) => sum + (one.atLast[role]?.cpuSeconds ?? 0), 0) - startCpu(one, roles)
  return used / (one.bytes / GIGABYTE)
}
const memory = ({ atLast }: CatchUp, roles: readonly string[]): number =>
  roles.reduce((sum, role) => sum + (atLast[role]?.peakMemoryBytes ?? 0), 0) / MEBIBYTE

const costsOf = (runs: readonly CatchUp[], roles: readonly string[]): string[] =>
  [copyCpu, startCpu, memory].map((read) => formatSpread(sampleOf(runs.map((one) => read(one, roles)))))

const rolesOf = (runs: readonly CatchUp[]): string[] => Object.keys(runs[0]?.atLast ?? {})

const catchUpTable = (rounds: Rounds<CatchUp>, ours: string): Table => {
  const speed = (name: string): Sample => sample(rounds, name, throughput)
  return {
    title: 'Catching up',
    columns: [
      'copier',
      'MB/s',
      'CPU s/GB',
      'CPU s before the first record',
      'peak MiB',
      's to the first record',
      `${ours} is so many times as fast`,
    ],
    rows: [...rounds].map(([name, runs]) => [
      name,
      formatSpread(speed(name)),
      ...costsOf(runs, rolesOf(runs)),
      formatSpread(sample(rounds, name, ({ firstRecordSeconds }) => firstRecordSeconds)),
      name === ours ? '' : formatSpread(ratios(speed(ours), speed(name))),
    ]),
  }
}

/** The poller's share is AWS's to pay; the function's is the user's. */
const sharesTable = (rounds: Rounds<CatchUp>): Table => ({
  title: 'Of which, by process',
  columns: ['process', 'CPU s/GB', 'CPU s before the first record', 'peak MiB'],
  rows: [...rounds].flatMap(([name, runs]) =>
    rolesOf(runs).map((role) => [`${name}: ${role}`, ...costsOf(runs, [role])]),
  ),
})

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
    'CPU and memory are of whole processes; CPU s/GB from the first record to the last; the brokers and DynamoDB Local are not counted, and share the same cores',
    'on AWS the poller is a service: its CPU is not the user’s, and a new event source mapping takes minutes to its first record, which is not measured here',
  ],
})
