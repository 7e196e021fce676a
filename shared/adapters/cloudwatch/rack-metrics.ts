import type { Logger } from '@aws-lambda-powertools/logger'
import type { ReplicationError } from '../../domain/errors.ts'
import { linkDimensions, RACK_METRICS, SIDE_DIMENSION } from '../../domain/metrics.ts'
import type { RackReport } from '../../domain/racks/rack-report.ts'
import type { Side } from '../../usecases/racks/watch-racks.ts'
import type { MetricMeans } from './link-metrics.ts'

/** As many as a person reads. */
const MOST_LOGGED = 20

/** Tells people and alarms what a look at the racks of one side of a link found; where nobody can tell of any partition there is no metric. */
export const createRackTeller = ({ link, logger, metrics }: MetricMeans & { readonly logger: Logger }) => ({
  tell: (side: Side, report: RackReport): void => {
    const { verdict, racks, partitions, unsafe, unsafePartitions, unknownPartitions, quorum, troubles } = report
    if (unknownPartitions < partitions) {
      metrics.clearDefaultDimensions() // Powertools adds `service`, and an alarm finds a metric only by exactly its dimensions
      metrics.setDefaultDimensions({ ...linkDimensions(link), [SIDE_DIMENSION]: side })
      metrics.addMetric('UnsafePartitions', RACK_METRICS.UnsafePartitions.unit, unsafePartitions)
      metrics.publishStoredMetrics()
    }
    const found = { side, racks, unsafe: unsafe.slice(0, MOST_LOGGED), unsafePartitions, unknownPartitions, quorum }
    if (verdict === 'unsafe') logger.warn('cluster does not survive the loss of a rack', found)
    for (const trouble of troubles.slice(0, MOST_LOGGED)) logger.info('racks not told', { side, trouble })
  },
  fail: (side: Side, error: ReplicationError): void => logger.warn('racks not seen', { side, error }),
})
