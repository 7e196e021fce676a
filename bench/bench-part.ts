import type { Table } from './table.ts'

/** What was promised and what came out; `held` decides nothing but how it is printed. */
export interface Target {
  readonly what: string
  readonly wanted: string
  readonly measured: string
  readonly held: boolean
}

export interface Report {
  readonly tables: readonly Table[]
  readonly targets: readonly Target[]
  /** What a reader must know to judge the figures: settings of the peers, what is counted, what is not. */
  readonly notes: readonly string[]
}

export interface BenchOptions {
  /** Small and short, to see that it works; the figures are a first impression. */
  readonly quick: boolean
  /** An empty folder of its own, removed afterwards. */
  readonly folder: string
  readonly say: (line: string) => void
}

/** One measurement of the bench. It leaves nothing running. */
export interface BenchPart {
  readonly name: string
  /** One line, for `--list`. */
  readonly about: string
  /** What a quick run does less of than a full one, for the heading of its results. */
  readonly quickSizes: string
  readonly run: (options: BenchOptions) => Promise<Report>
}
