import type { Logger } from '@aws-lambda-powertools/logger'
import { type AccessReport, drift } from '../../usecases/access/access-report.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** Tells people and alarms what a pass over the rights of a link did: one line, and one for each right that was changed. */
export const createAccessTeller =
  (means: MetricMeans & { readonly logger: Logger }) =>
  (report: AccessReport): void => {
    const { logger } = means
    const { role, granted, revoked, quotas, held, inStep, alreadyThere, leftOut, notCopyable, troubles, faulted } =
      report
    publishMetrics(means, [undefined], { AclDrift: drift(report), AccessFaulted: faulted.length })
    for (const [kind, steps] of Object.entries({ granted, revoked, quotas }))
      for (const step of steps) {
        if (step.outcome === 'done') logger.info('access step', { kind, ...step })
        else logger.error('access step failed', { kind, ...step })
      }
    for (const trouble of troubles) logger.warn('access in doubt', { trouble })
    for (const what of notCopyable) logger.info('access not copyable', { ...what })
    const counts = { inStep, held: held.length, alreadyThere: alreadyThere.length, leftOut: leftOut.length }
    logger.info('access compared', { role, ...counts, faulted: faulted.length })
  }
