import type { Report } from '../bench-part.ts'
import { formatFigure, formatSpread, median, type Sample, sampleOf } from '../spread.ts'
import type { Table } from '../table.ts'
import type { BigPackage, Bundles } from './bundles.ts'
import type { ColdStart } from './cold-start.ts'

export interface ColdResults {
  readonly bundles: Bundles
  readonly whole: readonly ColdStart[]
  readonly timed: readonly ColdStart[]
  readonly packages: ReadonlyMap<BigPackage, readonly ColdStart[]>
}

const OWN_CODE_MS = 250
const BUNDLE_BYTES = 1_000_000
const SHARES_SHOWN = 8

const over = (starts: readonly ColdStart[], read: (start: ColdStart) => number): Sample => sampleOf(starts.map(read))
const kilobytes = (bytes: number): string => formatFigure(bytes / 1000)

const startTable = ({ whole }: ColdResults): Table => ({
  title: 'Cold start of the deployed bundle, secure source and target (SASL_SSL, SCRAM-SHA-512)',
  columns: ['what', 'ms'],
  rows: [
    ['Node itself', formatSpread(over(whole, ({ nodeMs }) => nodeMs))],
    ['loading the bundle: all modules, configuration, wiring', formatSpread(over(whole, ({ loadMs }) => loadMs))],
    ['of which CPU, all threads', formatSpread(over(whole, ({ loadCpuMs }) => loadCpuMs))],
    [
      'first invocation, 100 records of one partition',
      formatSpread(over(whole, ({ invocationsMs: [first = Number.NaN] }) => first)),
    ],
    ['second invocation', formatSpread(over(whole, ({ invocationsMs: [, second = Number.NaN] }) => second))],
  ],
})

/** The cold call holds connecting, TLS, login and metadata; the warm one is the work itself. */
const callsTable = ({ timed }: ColdResults): Table => {
  const ms = (invocation: number, call: string): readonly number[] =>
    timed.flatMap(({ calls }) => calls[invocation]?.get(call) ?? [])
  const cell = (figures: readonly number[]): string =>
    figures.length === 0 ? 'not called' : formatSpread(sampleOf(figures))
  return {
    title: 'Where the first invocation spends its time, ms',
    columns: ['call', 'first invocation', 'second'],
    rows: [
      ['read the state (DynamoDB)', 'state.read'],
      ['ask the source: secrets, connect, TLS, SASL, metadata, log start', 'source.describe'],
      ['append to the target: secrets, connect, TLS, SASL, metadata, producer id, produce', 'target.append'],
      ['move the checkpoint (DynamoDB)', 'state.advance'],
    ].map(([label = '', call = '']) => [label, cell(ms(0, call)), cell(ms(1, call))]),
  }
}

const packagesTable = ({ packages, bundles }: ColdResults): Table => ({
  title:
    'Packages, each bundled and loaded alone and whole (what they share counts for each), and their bytes in our bundle',
  columns: ['package', 'ms to load', 'CPU ms', 'kB in the bundle'],
  rows: [...packages].map(([name, starts]) => [
    name,
    formatSpread(over(starts, ({ loadMs }) => loadMs)),
    formatSpread(over(starts, ({ loadCpuMs }) => loadCpuMs)),
    kilobytes(bundles.shares.get(name) ?? 0),
  ]),
})

const sharesNote = ({ bytes, shares, likeDeployed }: Bundles): string => {
  const largest = [...shares].sort(([, a], [, b]) => b - a).slice(0, SHARES_SHOWN)
  const list = largest.map(([name, share]) => `${name} ${kilobytes(share)}`).join(', ')
  const alike = likeDeployed ? '' : ' (of a bundle made alike, whose size differs a little from the deployed one)'
  return `the bundle has ${kilobytes(bytes)} kB; the largest shares in kB${alike}: ${list}`
}

export const reportCold = (results: ColdResults): Report => {
  const load = over(results.whole, ({ loadMs }) => loadMs)
  const { bytes } = results.bundles
  return {
    tables: [startTable(results), callsTable(results), packagesTable(results)],
    targets: [
      {
        what: 'own code of a cold start: loading the bundle',
        wanted: `below ${OWN_CODE_MS} ms`,
        measured: `${formatSpread(load)} ms`,
        held: median(load) < OWN_CODE_MS,
      },
      {
        what: 'size of the bundle',
        wanted: 'below 1 MB',
        measured: `${kilobytes(bytes)} kB`,
        held: bytes < BUNDLE_BYTES,
      },
    ],
    notes: [
      sharesNote(results.bundles),
      'on a whole core of this machine; a function of 1,024 MiB has about 0.58 of a core, though AWS lends a whole one or more while it starts',
      'Secrets Manager is a stub on loopback and DynamoDB speaks plain HTTP here; on AWS both add a TLS handshake',
    ],
  }
}
