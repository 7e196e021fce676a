import type { Logger } from '@aws-lambda-powertools/logger'
import type { SkipReason } from '../../domain/groups/position-verdict.ts'
import type { GroupPassReport, GroupReport, MovedTopic } from '../../usecases/groups/group-report.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** Tells people and alarms what a pass over the groups of a link did: a line for each group that was moved or failed. */
export const createGroupTeller =
  (means: MetricMeans & { readonly logger: Logger }) =>
  ({ compared, groupsMoved, positionsMoved, live, groups, leftOut, troubles, faulted }: GroupPassReport): void => {
    const { logger } = means
    publishMetrics(means, [undefined], {
      GroupsMoved: groupsMoved,
      PositionsMoved: positionsMoved,
      PositionsHeldBack: sum(groups.map(heldBack)),
      PositionsFailed: sum(groups.map(failed)),
      GroupsLive: live,
      GroupsFaulted: faulted.length,
    })
    for (const { group, moved, skipped, error } of groups) {
      const failures = [...skipped.filter(({ because }) => because === 'failed'), ...moved.flatMap(failedIn)]
      if (error !== undefined || failures.length > 0) logger.error('group failed', { group, failures, trouble: error })
      if (moved.length > 0) logger.info('group moved', { group, moved })
    }
    for (const trouble of troubles) logger.warn('groups not described', { trouble })
    logger.info('groups compared', { compared, groupsMoved, live, faulted: faulted.length, leftOut: leftOut.length })
  }

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

/** What the other link published itself is no news; what failed counts by itself. */
const NO_NEWS: ReadonlySet<SkipReason> = new Set(['echo', 'failed'])

const heldBack = ({ skipped }: GroupReport): number =>
  sum(skipped.map(({ because, partitions }) => (NO_NEWS.has(because) ? 0 : partitions.length)))

const failed = ({ skipped, moved }: GroupReport): number =>
  sum(skipped.map(({ because, partitions }) => (because === 'failed' ? partitions.length : 0))) +
  moved.flatMap(failedIn).length

const failedIn = ({ topic, positions }: MovedTopic) =>
  positions.flatMap(({ partition, error }) => (error === undefined ? [] : [{ topic, partition, error }]))
