export interface Metric {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
}

/** One value as CloudWatch takes it in. */
export interface DataPoint extends Metric {
  readonly unit: string
  readonly atMs: number
  readonly value: number
  /** A metric of standard resolution keeps the minute of a value, one of high resolution its second. */
  readonly resolutionMs: 1_000 | 60_000
}

/** A metric as it is asked for. A dimension without a value stands for any value. */
export interface MetricPattern {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string | undefined>>
}

/** Metrics of the same name are others when one dimension differs, is missing or comes on top. */
export const metricKey = ({ namespace, name, dimensions }: Metric): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))])

export const isMatch = (pattern: MetricPattern, { namespace, name, dimensions }: Metric): boolean => {
  const asked = Object.entries(pattern.dimensions)
  return (
    pattern.namespace === namespace &&
    pattern.name === name &&
    asked.length === Object.keys(dimensions).length &&
    asked.every(([key, value]) => dimensions[key] !== undefined && (value === undefined || dimensions[key] === value))
  )
}
