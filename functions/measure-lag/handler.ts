import type { LagConnections } from '../../shared/adapters/lag-connections.ts'
import { createFunction } from '../../shared/adapters/lambda/invocation.ts'
import type { LagReport } from '../../shared/domain/lag/lag-report.ts'
import { alarmsIn, type LagAlarm, type LagLimits } from '../../shared/domain/lag/lag-verdict.ts'
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
  readonly limits: LagLimits
  /** @default ten seconds */
  readonly everyMs?: number
}

/** How a link stands now, and which alarms that would raise. */
export interface LagStatus extends LagReport {
  readonly alarms: readonly LagAlarm[]
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

const statusOf = async (deadline: Deadline, deps: MeasureLagDeps, limits: LagLimits): Promise<LagStatus> => {
  const before = await deps.ledger.read(deadline)
  const { report } = await sampleLag(before, deadline, deps, { withGroups: true })
  return { ...report, alarms: alarmsIn(report, limits) }
}
