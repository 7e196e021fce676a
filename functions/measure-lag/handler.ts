import type { LagConnections } from '../../shared/adapters/lag-connections.ts'
import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { LagReport } from '../../shared/domain/lag/lag-report.ts'
import { alarmsIn, type LagAlarm, type LagThresholds } from '../../shared/domain/lag/lag-verdict.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { type LagTurnReport, type MeasureLagDeps, measureLag } from '../../shared/usecases/measure-lag.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import { sampleLag } from '../../shared/usecases/sample-lag.ts'

/** What the part of Lambda's context is that matters here. */
export interface InvocationContext {
  readonly awsRequestId: string
  readonly invokedFunctionArn: string
  getRemainingTimeInMillis(): number
}

export interface HandlerDeps extends Pick<MeasureLagDeps, 'tell' | 'fail'> {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => Omit<LagConnections, 'close'>
  readonly thresholds: LagThresholds
  /** @default ten seconds */
  readonly everyMs?: number
}

/** How a link stands now, and which alarms that would raise. */
export interface LagStatus extends LagReport {
  readonly alarms: readonly LagAlarm[]
}

const EVERY_MS = 10_000
/** Left to telling what was found. */
const ANSWER_MARGIN_MS = 2_000
/** What a sample takes at least, so that the last one is not begun in vain. */
const LAST_SAMPLE_MS = 2_500

/**
 * Samples of the link's lag until the invocation's time is up; the next one goes on. With `{ "mode": "status" }` it takes one,
 * writes nothing, tells nobody else, and answers with it.
 */
export const createHandler = ({ connect, thresholds, everyMs = EVERY_MS, ...told }: HandlerDeps) => {
  let connected: Omit<LagConnections, 'close'> | undefined
  return async (event: unknown, context: InvocationContext): Promise<LagTurnReport | LagStatus> => {
    const mode = modeOf(event)
    connected ??= connect(placeOf(context))
    const leftMs = Math.max(0, context.getRemainingTimeInMillis() - ANSWER_MARGIN_MS)
    const deadline = startDeadline(leftMs)
    const deps = { ...connected, ...told }
    try {
      if (mode === 'status') return await statusOf(deadline, deps, thresholds)
      const until = deps.clock.now() + leftMs - LAST_SAMPLE_MS
      return await measureLag({ owner: context.awsRequestId, everyMs, until }, deadline, deps)
    } finally {
      deadline.end()
    }
  }
}

const statusOf = async (deadline: Deadline, deps: MeasureLagDeps, thresholds: LagThresholds): Promise<LagStatus> => {
  const before = await deps.ledger.read(deadline)
  const { report } = await sampleLag(before, deadline, deps, { withGroups: true })
  return { ...report, alarms: alarmsIn(report, thresholds) }
}

const modeOf = (event: unknown): 'measure' | 'status' => {
  const mode = typeof event === 'object' && event !== null && 'mode' in event ? event.mode : 'measure'
  if (mode === 'measure' || mode === 'status') return mode
  const doing = `reading the event: its mode is ${JSON.stringify(mode)}, and there are measure and status`
  throw new ReplicationError('EVENT_MALFORMED', doing)
}

const placeOf = ({ invokedFunctionArn }: InvocationContext): AwsPlace => {
  const [, partition = 'aws', , region = '', account = ''] = invokedFunctionArn.split(':')
  return { partition, region, account }
}
