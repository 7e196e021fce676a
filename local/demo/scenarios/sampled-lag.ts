import type { LagStatus } from '../../../functions/measure-lag/handler.ts'
import { alarmName, measureLagName } from '../../../shared/domain/link-names.ts'
import { linkDimensions } from '../../../shared/domain/metrics.ts'
import { type Link, placementOf } from '../../../shared/domain/topology/topology.ts'
import { LoggedFunction } from '../../aws/logged-function.ts'
import { alarmsIn } from '../../cloudwatch/alarm-definition.ts'
import { AlarmMinutes } from '../../cloudwatch/alarm-minutes.ts'
import type { AlarmChange } from '../../cloudwatch/alarm-watch.ts'
import { dataPointsIn } from '../../cloudwatch/embedded-metrics.ts'
import { type DataPoint, metricKey } from '../../cloudwatch/metric.ts'
import type { World } from '../../world/world.ts'

/** The alarms that rest on nothing but what the lag canary measures. */
const LAG_ALARMS = ['lag-seconds', 'lag-records', 'source-unreachable', 'not-measured'] as const
export type WatchedAlarm = (typeof LAG_ALARMS)[number]

/** What the canary measured, and when it was asked. */
export interface LagSample {
  readonly askedAt: number
  readonly answeredAt: number
  readonly records: number
  readonly seconds: number
  /** Alarms that this sample made go off, and clear. */
  readonly raised: readonly WatchedAlarm[]
  readonly cleared: readonly WatchedAlarm[]
}

/** As little time as lets an invocation take one sample and no second one. */
const LIMIT_SECONDS = 10

/**
 * The deployed lag canary, sampled by hand, and the deployed alarms over what it really emits. On their clock a sample is a
 * minute, however soon the next one comes.
 */
export class SampledLag {
  readonly samples: LagSample[] = []
  /** Since the first sample. */
  readonly raised = new Set<WatchedAlarm>()
  readonly cleared = new Set<WatchedAlarm>()
  readonly #link: Link
  readonly #function: LoggedFunction
  readonly #minutes: AlarmMinutes

  constructor({ aws, stacks }: World, link: Link) {
    if (aws === undefined) throw new Error(`sampling the lag of ${link.name}: the world has no AWS`)
    this.#link = link
    this.#function = new LoggedFunction(aws.url, placementOf(link).region, measureLagName(link))
    const names = LAG_ALARMS.map((alarm) => alarmName(link, alarm))
    const alarms = stacks.flatMap(({ template }) => alarmsIn(template)).filter(({ name }) => names.includes(name))
    this.#minutes = new AlarmMinutes(alarms)
  }

  /** From now on an invocation takes one sample. */
  async oneByOne(): Promise<void> {
    await this.#function.limit(LIMIT_SECONDS)
  }

  /** Of an invocation that finds the schedule's at work there is no sample. */
  async sample(): Promise<LagSample | undefined> {
    const askedAt = Date.now()
    const { lines } = await this.#function.invoke({})
    const points = lines.flatMap(dataPointsIn)
    const [records, seconds] = [this.#ofLink(points, 'LagRecords'), this.#ofLink(points, 'LagSeconds')]
    if (records === undefined || seconds === undefined) return undefined
    const sample = { askedAt, answeredAt: Date.now(), records, seconds, ...this.#judge(points) }
    this.samples.push(sample)
    for (const alarm of sample.raised) this.raised.add(alarm)
    for (const alarm of sample.cleared) this.cleared.add(alarm)
    return sample
  }

  /** The longest time between two samples; the schedule may have taken others in between. */
  get longestGapMs(): number {
    const gaps = this.samples
      .slice(1)
      .map(({ answeredAt }, before) => answeredAt - (this.samples[before]?.askedAt ?? 0))
    return Math.max(0, ...gaps)
  }

  async status(): Promise<LagStatus> {
    return (await this.#function.invoke({ mode: 'status' })).answer as LagStatus
  }

  close(): void {
    this.#function.close()
  }

  #ofLink(points: readonly DataPoint[], name: string): number | undefined {
    const isOfLink = (point: DataPoint): boolean =>
      point.name === name && metricKey(point) === metricKey({ ...point, dimensions: linkDimensions(this.#link) })
    return points.find(isOfLink)?.value
  }

  #judge(points: readonly DataPoint[]): Pick<LagSample, 'raised' | 'cleared'> {
    const changes = this.#minutes.pass(points)
    const changed = (is: (change: AlarmChange) => boolean): WatchedAlarm[] =>
      LAG_ALARMS.filter((name) => changes.some((change) => change.alarm === alarmName(this.#link, name) && is(change)))
    return { raised: changed(({ to }) => to === 'ALARM'), cleared: changed(({ from }) => from === 'ALARM') }
  }
}
