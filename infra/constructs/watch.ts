import { Duration } from 'aws-cdk-lib'
import { type IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { linkDimensions, METRIC_NAMESPACE, type MetricName } from '../../shared/domain/metrics.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'

/** What an alarm looks at, and what it says to whoever is woken up. */
export interface Watch {
  /** Ends the alarm's name. */
  readonly id: string
  readonly metric: IMetric
  /** The alarm fires when it is reached, or when the value is below it. */
  readonly threshold: number
  /** @default `reached` */
  readonly firesWhen?: 'reached' | 'below'
  /** Of how many periods in a row how many have to be bad. @default the newest one */
  readonly periods?: { readonly bad: number; readonly of: number }
  /** What a period without a value is. @default `good`: a link without work measures nothing */
  readonly missing?: 'good' | 'bad'
  /** Whether a failover could meanwhile lose records, or leave clients without something they need. @default it could not */
  readonly unsafe?: boolean
  /** Sentences, all three. */
  readonly wrong: string
  readonly means: string
  readonly remedy: string
}

/** A metric of our own, of the link as a whole. */
export const measured = (link: Link, metricName: MetricName, statistic: string, minutes = 1): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: linkDimensions(link),
    statistic,
    period: Duration.minutes(minutes),
  })
