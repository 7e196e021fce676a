import type { FailoverInput } from './failover-input.ts'
import type { AnyStep, StepRecord } from './failover-step.ts'
import type { PreflightReport } from './preflight-report.ts'
import type { Decision, FailoverEnding } from './step-call.ts'

/** One cluster of the pair, as the report names it. */
export interface ReportCluster {
  readonly cluster: string
  readonly region: string
}

/** A position of a group that the link has published: where it was on the source, and where it goes on. */
export interface GroupPlace {
  readonly group: string
  /** As named on the target. */
  readonly topic: string
  readonly partition: number
  /** Offsets on the source and on the target, as decimal digits; absent: the link published none. */
  readonly before?: string
  readonly after: string
}

/** All that a report is made of, as the ledger and the tables of the pair have it. */
export interface ReportFacts {
  readonly installation: string
  readonly pair: string
  readonly from: ReportCluster
  readonly to: ReportCluster
  /** The state machine of the other direction; absent: no link leads back. */
  readonly back?: { readonly region: string; readonly machine: string }
  readonly execution: { readonly name: string; readonly arn: string; readonly startedAt: number }
  readonly input: FailoverInput
  readonly ending: FailoverEnding
  readonly stoppedAt?: { readonly step: AnyStep; readonly message: string }
  readonly decisions: readonly Decision[]
  /** All attempts. */
  readonly records: readonly StepRecord[]
  /** Of the source, as far as the boundary names them; absent: there is none. */
  readonly topics?: readonly string[]
  readonly places: readonly GroupPlace[]
  /** What could not be read for this report. */
  readonly troubles: readonly string[]
}

/** The latest attempt at a step. */
export const recordOf = (records: readonly StepRecord[], step: AnyStep): StepRecord | undefined =>
  records
    .filter((record) => record.step === step)
    .sort((one, other) => one.attempt - other.attempt)
    .at(-1)

/** Nobody but the step `preflight` writes there. */
export const isPreflight = (value: unknown): value is PreflightReport =>
  typeof value === 'object' && value !== null && 'checks' in value && Array.isArray(value.checks) && 'passed' in value
