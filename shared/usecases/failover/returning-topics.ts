import type { TopicBoundary } from '../../domain/failover/boundary.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import { bringsBack } from '../../domain/topics/topic-return.ts'
import type { Link } from '../../domain/topology/topology.ts'
import type { Deadline } from '../ports.ts'
import type { TopicAdmin } from '../topics/topic-ports.ts'
import type { BoundaryLedger } from './failover-ports.ts'

export interface ReturningDeps {
  readonly boundary: Pick<BoundaryLedger, 'topics'>
  /** Of the cluster that is active now. */
  readonly topics: Pick<TopicAdmin, 'describe'>
}

/**
 * What of the boundary of a failover the link the other way brings back to where it came from. A topic that is another one by
 * now on the active cluster begins anew, and is none of them.
 */
export const returningTopics = async (
  execution: string,
  link: Link,
  deadline: Deadline,
  { boundary, topics: active }: ReturningDeps,
): Promise<readonly TopicBoundary[]> => {
  const recorded = (await boundary.topics(execution, deadline)).filter(({ topic, targetTopic }) =>
    bringsBack(link, targetTopic, topic),
  )
  if (recorded.length === 0) return []
  const { topics, undescribed } = await active.describe(
    deadline,
    recorded.map(({ targetTopic }) => targetTopic),
  )
  return recorded.filter(({ targetTopic, targetIncarnation }) => {
    const error = undescribed.get(targetTopic)
    if (error !== undefined) throw error
    return topics.get(targetTopic)?.incarnation === targetIncarnation
  })
}

/** What of it is emptied when a cluster is filled again: beats are of one link, and tell of nothing but themselves. */
export const isRefilled = ({ topic }: TopicBoundary): boolean => topic !== HEARTBEAT_TOPIC
