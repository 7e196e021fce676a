import { Duration } from 'aws-cdk-lib'
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { linkDimensions, METRIC_NAMESPACE, type RACK_METRICS, SIDE_DIMENSION } from '../../shared/domain/metrics.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import type { Watch } from './watch.ts'

/** When a cluster of a link would not outlive one of its racks. Of a cluster without racks nothing is measured. */
export const rackWatches = (link: Link): readonly Watch[] => [ofSide(link, 'source'), ofSide(link, 'target')]

const ofSide = (link: Link, side: 'source' | 'target'): Watch => {
  const { name } = link[side]
  const metricName: keyof typeof RACK_METRICS = 'UnsafePartitions'
  return {
    id: `${side}-racks`,
    metric: new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { ...linkDimensions(link), [SIDE_DIMENSION]: side },
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(5),
    }),
    threshold: 1,
    // While a broker restarts, its replicas are out of step.
    periods: { bad: 6, of: 6 },
    wrong: `For half an hour there have been partitions on ${name} that would not outlive the loss of one rack.`,
    means: 'They would take no records then: too few replicas would be left in step.',
    remedy: `Run \`npx twinshore racks ${name}\`, which names them; spread their replicas over more racks, or see why some are not in step.`,
  }
}
