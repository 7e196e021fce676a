import type { Logger } from '@aws-lambda-powertools/logger'
import { toPlain } from '../../domain/plain.ts'
import { differencesIn, type VerifyCounts } from '../../domain/verify/verify-report.ts'
import type { SampleReport } from '../../usecases/verify/verify-sample.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** What of a look at both clusters is told: coordinates and counts, nothing of what is in records. */
export type VerifyOutcome = Pick<SampleReport, 'counts' | 'findings' | 'troubles'> & Partial<SampleReport>

/** Tells people and alarms what verification found: one line, and one for each of the first findings. */
export const createVerifyTeller =
  (means: MetricMeans & { readonly logger: Logger }) =>
  ({ counts, findings, troubles, ranges, left }: VerifyOutcome): void => {
    const { logger } = means
    publishMetrics(means, [undefined], metricsOf(counts))
    for (const finding of findings) logger.error('difference found', { finding: toPlain(finding) })
    for (const trouble of troubles) logger.warn('partition not verified', { trouble })
    logger.info('clusters compared', { ranges, left, counts })
  }

/** What retention took unread counts as lost for the alarm that there is for it. */
const metricsOf = (counts: VerifyCounts) => ({
  VerifiedRecords: counts.verified,
  VerifyDifferences: differencesIn(counts),
  ...(counts.lost > 0 && { LostRecords: counts.lost }),
})
