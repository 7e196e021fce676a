import type { Logger } from '@aws-lambda-powertools/logger'
import type { GroupPassReport, MovedTopic } from '../../usecases/groups/group-report.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** Tells people and alarms what a pass over the groups of a link did: a line for each group that was moved or failed. */
export const createGroupTeller =
  (means: MetricMeans & { readonly logger: Logger }) =>
  ({ compared, groupsMoved, positionsMoved, live, groups, leftOut, troubles, faulted }: GroupPassReport): void => {
    const { logger } = means
    const values = { GroupsMoved: groupsMoved, PositionsMoved: positionsMoved, GroupsLive: live }
    publishMetrics(means, [undefined], { ...values, GroupsFaulted: faulted.length })
    for (const { group, moved, skipped, error } of groups) {
      const failures = [...skipped.filter(({ because }) => because === 'failed'), ...moved.flatMap(failedIn)]
      if (error !== undefined || failures.length > 0) logger.error('group failed', { group, failures, trouble: error })
      if (moved.length > 0) logger.info('group moved', { group, moved })
    }
    for (const trouble of troubles) logger.warn('groups not described', { trouble })
    logger.info('groups compared', { compared, groupsMoved, live, faulted: faulted.length, leftOut: leftOut.length })
  }

const failedIn = ({ topic, positions }: MovedTopic) =>
  positions.flatMap(({ partition, error }) => (error === undefined ? [] : [{ topic, partition, error }]))
