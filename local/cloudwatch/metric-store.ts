import { type DataPoint, type Metric, metricKey } from './metric.ts'
import { statisticNamed } from './statistic.ts'

/** Periods that follow each other; the last one ends at `endMs`, which no longer belongs to it. */
export interface Grid {
  readonly endMs: number
  readonly periodMs: number
  readonly count: number
}

/** A value for each period, the oldest first; `undefined` where there is no data point. */
export type Series = readonly (number | undefined)[]

export interface MetricStat {
  readonly metric: Metric
  readonly statistic: string
  /** Only values of this unit. @default values of any unit */
  readonly unit?: string
}

export interface MetricStore {
  readonly add: (points: readonly DataPoint[]) => void
  /** Every metric that ever had a value. */
  readonly metrics: () => readonly Metric[]
  readonly series: (stat: MetricStat, grid: Grid) => Series
}

interface Kept {
  readonly metric: Metric
  readonly points: { readonly atMs: number; readonly value: number; readonly unit: string }[]
}

export const createMetricStore = (): MetricStore => {
  const kept = new Map<string, Kept>()
  return {
    add: (points) => {
      for (const { namespace, name, dimensions, unit, atMs, value, resolutionMs } of points) {
        const metric = { namespace, name, dimensions }
        const key = metricKey(metric)
        const entry = kept.get(key) ?? { metric, points: [] }
        kept.set(key, entry)
        entry.points.push({ atMs: Math.floor(atMs / resolutionMs) * resolutionMs, value, unit })
      }
    },
    metrics: () => [...kept.values()].map(({ metric }) => metric),
    series: ({ metric, statistic, unit }, grid) => {
      const points = kept.get(metricKey(metric))?.points ?? []
      const ofUnit = unit === undefined ? points : points.filter((point) => point.unit === unit)
      return perPeriod(ofUnit, statisticNamed(statistic), grid)
    },
  }
}

const perPeriod = (
  points: Kept['points'],
  statistic: (values: readonly number[]) => number,
  { endMs, periodMs, count }: Grid,
): Series => {
  const startMs = endMs - count * periodMs
  const values = Array.from({ length: count }, (): number[] => [])
  for (const { atMs, value } of points) values[Math.floor((atMs - startMs) / periodMs)]?.push(value)
  return values.map((ofPeriod) => (ofPeriod.length === 0 ? undefined : statistic(ofPeriod)))
}
