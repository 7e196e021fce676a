import type { AnyStep, StepRecord } from '../../shared/domain/failover/failover-step.ts'
import type { ReportTimes } from '../../shared/domain/failover/report-times.ts'

/** How many topics and groups the pair has that fails over. */
export interface PairSize {
  readonly topics: number
  readonly groups: number
}

/** Where a failover waits on purpose, whatever it moves: settings of the topology. */
export interface AwaitedMs {
  /** Until the ends of the source have stood still. */
  readonly stillMs: number
  /** Until no invocation can be running any more. */
  readonly functionTimeoutMs: number
}

/** What one planned failover took, in milliseconds; the pauses between the calls of a step are the step's. */
export interface FailoverRound {
  readonly steps: ReadonlyMap<AnyStep, number>
  /** From its start until clients were pointed to the other cluster, without the drain and without people. */
  readonly ownMs: number
  /** Of that what lies between the steps. */
  readonly betweenMs: number
  /** What it waited for on purpose, in which steps. */
  readonly awaited: ReadonlyMap<AnyStep, number>
  /** Positions of groups that it moved. */
  readonly moved: number
}

/** Steps until clients are pointed to the other cluster. */
const UNTIL_SWITCHED: readonly AnyStep[] = [
  'validate',
  'lock',
  'preflight',
  'fence',
  'prove',
  'groups',
  'stop',
  'boundary',
  'promote',
  'switch',
]

/** Throws when it never came to its switch. */
export const failoverRound = (
  records: readonly StepRecord[],
  { ownMs }: ReportTimes,
  { stillMs, functionTimeoutMs }: AwaitedMs,
): FailoverRound => {
  if (ownMs === undefined) throw new RangeError('reading the times of a failover: clients were never switched')
  const steps = new Map<AnyStep, number>()
  for (const { step, startedAt, endedAt } of records) steps.set(step, (steps.get(step) ?? 0) + endedAt - startedAt)
  const lasting = (step: AnyStep): number => steps.get(step) ?? 0
  const inSteps = UNTIL_SWITCHED.reduce((total, step) => total + lasting(step), 0)
  const moved = records.find(({ step }) => step === 'groups')?.data['moved']
  return {
    steps,
    ownMs,
    betweenMs: ownMs - inSteps,
    awaited: new Map([
      ['prove', Math.min(stillMs, lasting('prove'))],
      ['stop', Math.min(functionTimeoutMs, lasting('stop'))],
    ]),
    moved: typeof moved === 'number' ? moved : 0,
  }
}

export const awaitedMs = ({ awaited }: FailoverRound): number =>
  [...awaited.values()].reduce((total, ms) => total + ms, 0)
