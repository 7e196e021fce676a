import type { LagConnections } from '../../shared/adapters/lag-connections.ts'
import { createFunction } from '../../shared/adapters/lambda/invocation.ts'
import type { LagReport } from '../../shared/domain/lag/lag-report.ts'
import {
  type JudgedAlarm,
  type LinkLimits,
  type VerificationSeen,
  verdictsOn,
} from '../../shared/domain/lag/link-verdict.ts'
import type { RackReport } from '../../shared/domain/racks/rack-report.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { type LagTurnReport, type MeasureLagDeps, measureLag } from '../../shared/usecases/lag/measure-lag.ts'
import { sampleLag } from '../../shared/usecases/lag/sample-lag.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import { surveyRacks } from '../../shared/usecases/racks/survey-racks.ts'
import { type RackSides, RackWatch, type RackWatchDeps } from '../../shared/usecases/racks/watch-racks.ts'
import { taskOf } from './lag-task.ts'

export type HandlerConnections = Omit<LagConnections, 'close'> & { readonly sides: RackSides }

export interface HandlerDeps extends Pick<MeasureLagDeps, 'tell' | 'fail'> {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => HandlerConnections
  /** Told of the racks of both clusters. */
  readonly racks: Pick<RackWatchDeps, 'tell' | 'fail'>
  readonly limits: LinkLimits
  /** @default ten seconds */
  readonly everyMs?: number
}

/** How a link stands now as far as this function knows, which alarms that would raise, and what the topology says of them. */
export interface LagStatus extends LagReport {
  readonly alarms: readonly JudgedAlarm[]
  readonly limits: LinkLimits
  /** Absent: nothing was verified on a schedule yet. */
  readonly verified?: VerificationSeen
}

const EVERY_MS = 10_000
/** What a sample takes at least, so that the last one is not begun in vain. */
const LAST_SAMPLE_MS = 2_500

/**
 * Samples of the link's lag until the invocation's time is up; the next one goes on. Beside them, now and then, a look at the
 * racks of both clusters. With `{"mode":"status"}` it takes one sample, writes nothing, tells nobody else, and answers with it;
 * with `{"mode":"racks","side":"source"}` it answers what the loss of a rack of that cluster would mean.
 */
export const createHandler = ({ connect, limits, racks, everyMs = EVERY_MS, ...told }: HandlerDeps) =>
  createFunction(
    taskOf,
    (place) => withWatch(connect(place), racks),
    async (task, deadline, connected, owner): Promise<LagTurnReport | LagStatus | RackReport> => {
      const deps = { ...connected, ...told }
      if (task.mode === 'racks') return await surveyRacks(deadline, deps.sides[task.side])
      if (task.mode === 'status') return await statusOf(deadline, deps, limits)
      const until = deps.clock.now() + (deadline.at - Date.now()) - LAST_SAMPLE_MS
      const looked = deps.watch.look(deadline)
      try {
        return await measureLag({ owner, everyMs, until }, deadline, deps)
      } finally {
        await looked
      }
    },
  )

type Connected = HandlerConnections & { readonly watch: RackWatch }

const withWatch = (connections: HandlerConnections, told: HandlerDeps['racks']): Connected => {
  const { sides, clock } = connections
  return { ...connections, watch: new RackWatch({ sides, clock, ...told }) }
}

const statusOf = async (
  deadline: Deadline,
  deps: MeasureLagDeps & Pick<HandlerConnections, 'verification'>,
  limits: LinkLimits,
): Promise<LagStatus> => {
  const [before, verified] = await Promise.all([deps.ledger.read(deadline), deps.verification.read(deadline)])
  const { report } = await sampleLag(before, deadline, deps, { withGroups: true })
  const known = verified && { verified }
  const bad = verdictsOn({ lag: report, ...known }, limits).filter(({ verdict }) => verdict === 'bad')
  return { ...report, ...known, limits, alarms: bad.map(({ alarm }) => alarm) }
}
