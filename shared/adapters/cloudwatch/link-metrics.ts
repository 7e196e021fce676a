import type { Metrics } from '@aws-lambda-powertools/metrics'
import {
  ACCESS_METRICS,
  FAILOVER_METRICS,
  FENCE_METRICS,
  GROUP_METRICS,
  HEARTBEAT_METRICS,
  LAG_METRICS,
  linkDimensions,
  METRICS,
  type MetricName,
  TOPIC_DIMENSION,
  TOPIC_METRICS,
  VERIFY_METRICS,
} from '../../domain/metrics.ts'

export interface MetricMeans {
  readonly link: { readonly installation: string; readonly name: string }
  readonly metrics: Metrics
}

const UNITS = {
  ...METRICS,
  ...TOPIC_METRICS,
  ...GROUP_METRICS,
  ...ACCESS_METRICS,
  ...VERIFY_METRICS,
  ...LAG_METRICS,
  ...HEARTBEAT_METRICS,
  ...FENCE_METRICS,
  ...FAILOVER_METRICS,
}

/**
 * One embedded-metric line. Each of `sets` is a topic, or `undefined` for the link as a whole: the values count under each. A
 * metric may have up to a hundred values.
 */
export const publishMetrics = (
  { metrics, link }: MetricMeans,
  sets: readonly (string | undefined)[],
  values: Partial<Record<MetricName, number | readonly number[]>>,
): void => {
  metrics.clearDefaultDimensions() // Powertools adds `service`, and an alarm finds a metric only by exactly its dimensions
  metrics.setDefaultDimensions(linkDimensions(link)) // part of every set
  for (const topic of sets) metrics.addDimensions(topic === undefined ? {} : { [TOPIC_DIMENSION]: topic })
  for (const [name, value] of Object.entries(values))
    for (const one of [value].flat()) metrics.addMetric(name, UNITS[name as MetricName].unit, one)
  metrics.publishStoredMetrics()
}
