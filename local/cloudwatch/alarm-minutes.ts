import type { AlarmDefinition } from './alarm-definition.ts'
import { type AlarmChange, type AlarmWatch, createAlarmWatch } from './alarm-watch.ts'
import type { DataPoint } from './metric.ts'
import { createMetricStore } from './metric-store.ts'

const MINUTE_MS = 60_000

/**
 * Alarms on a clock of their own, for which all that is told at once is a minute: what takes minutes to happen shows within
 * seconds. Values are as they were emitted, and only when they were is not.
 */
export class AlarmMinutes {
  readonly #store = createMetricStore()
  readonly #watch: AlarmWatch
  #now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS

  constructor(alarms: readonly AlarmDefinition[]) {
    this.#watch = createAlarmWatch(alarms, this.#store)
  }

  /** What changes by the end of a minute that had these values. */
  pass(points: readonly DataPoint[]): readonly AlarmChange[] {
    const begun = this.#now
    this.#store.add(points.map((point) => ({ ...point, atMs: begun })))
    this.#now += MINUTE_MS
    return this.#watch.through(begun + 1, this.#now)
  }

  /** By name, those that are on. */
  on(): readonly string[] {
    return [...this.#watch.states()].flatMap(([name, state]) => (state === 'ALARM' ? name : []))
  }
}
