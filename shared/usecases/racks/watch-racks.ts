import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import type { RackReport } from '../../domain/racks/rack-report.ts'
import type { Clock, Deadline } from '../ports.ts'
import { type SurveyRacksDeps, surveyRacks } from './survey-racks.ts'

export type Side = 'source' | 'target'

/** Both clusters of a link. */
export type RackSides = Readonly<Record<Side, SurveyRacksDeps>>

export interface RackWatchDeps {
  readonly sides: RackSides
  readonly clock: Clock
  readonly tell: (side: Side, report: RackReport) => void
  readonly fail: (side: Side, error: ReplicationError) => void
}

/** Replicas move seldom, and the settings of all topics are a large answer. The minutes of a schedule are not exact. */
const AGAIN_AFTER_MS = 285_000

/** Looks at the racks of both clusters of a link every five minutes, however often it is called. Never throws. */
export class RackWatch {
  readonly #deps: RackWatchDeps
  #lookedAt: number | undefined

  constructor(deps: RackWatchDeps) {
    this.#deps = deps
  }

  async look(deadline: Deadline): Promise<void> {
    const now = this.#deps.clock.now()
    if (this.#lookedAt !== undefined && now - this.#lookedAt < AGAIN_AFTER_MS) return
    this.#lookedAt = now
    await Promise.all([this.#lookAt('source', deadline), this.#lookAt('target', deadline)])
  }

  async #lookAt(side: Side, deadline: Deadline): Promise<void> {
    const { sides, tell, fail } = this.#deps
    try {
      tell(side, await surveyRacks(deadline, sides[side]))
    } catch (error) {
      fail(side, asReplicationError(error, `looking at the racks of the ${side}`))
    }
  }
}
