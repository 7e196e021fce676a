import type { Logger } from '@aws-lambda-powertools/logger'
import type { PassReport } from '../../usecases/topics/pass-report.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** Tells people and alarms what a pass over the topics of a link found and did: one line, and one for each fault. */
export const createPassTeller =
  (means: MetricMeans & { readonly logger: Logger }) =>
  ({ steps, notes, leftOut, troubles, faulted }: PassReport): void => {
    const { logger } = means
    publishMetrics(means, [undefined], {
      TopicDrift: steps.length,
      MappingsOff: steps.filter(({ kind }) => kind === 'enable-mapping').length,
      FaultedTopics: faulted.length,
    })
    for (const topic of faulted) publishMetrics(means, [topic], { FaultedTopics: 1 })
    for (const step of steps) {
      if (step.outcome === 'failed') logger.error('topic step failed', { ...step })
      else logger.info('topic step', { ...step })
    }
    for (const note of notes) if (note.severity !== 'pending') logger.warn('topic note', { ...note })
    for (const trouble of troubles) logger.warn('topic not described', { trouble })
    logger.info('topics compared', { steps: steps.length, faulted: faulted.length, leftOut: leftOut.length })
  }
