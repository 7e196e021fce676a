import type { Logger } from '@aws-lambda-powertools/logger'
import type { TailFigures } from '../../domain/failover/stranded-tail.ts'
import type { PendingReport } from '../../usecases/failover/settle-pending.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** Tells people and alarms what waits for an old active cluster; one line for each debt. */
export const createPendingTeller = (means: MetricMeans & { readonly logger: Logger }) => ({
  tell: ({ stoodDown, execution, since, debts }: PendingReport): void => {
    const { logger } = means
    const isAnothers = execution !== undefined && debts.length === 0 // its own pass tells of it
    const waits = debts.some(({ debt, outcome }) => debt === 'fence' && outcome !== 'done')
    if (stoodDown !== undefined) logger.warn('stood down', { epoch: stoodDown })
    for (const debt of debts) {
      if (debt.outcome === 'failed' || debt.outcome === 'refused')
        logger.warn('debt not settled', { execution, since, ...debt })
      else logger.info('debt', { execution, since, ...debt })
    }
    // last, since whoever invokes the function by hand is shown the end of its log alone
    if (!isAnothers) publishMetrics(means, [undefined], { FencePending: waits ? 1 : 0 })
    if (execution === undefined) publishMetrics(means, [undefined], { StrandedRecords: 0 })
  },
  counted: ({ partitions, records, bytes, gone }: TailFigures): void => {
    publishMetrics(means, [undefined], { StrandedRecords: Number(records) })
    const figures = { partitions, records: `${records}`, bytes: `${bytes}`, gone: `${gone}` }
    means.logger.info('stranded tail', figures)
  },
})
