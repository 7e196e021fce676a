import { ReplicationError } from '../../domain/errors.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import type { Deadline } from '../ports.ts'
import type { TopicAdmin } from '../topics/topic-ports.ts'

const MOST_REPLICAS = 3
/** Kept for a day: nobody looks at an older beat. Its timestamp is the beat's own, whatever the cluster does otherwise. */
const SETTINGS = new Map([
  ['cleanup.policy', 'delete'],
  ['message.timestamp.type', 'CreateTime'],
  ['retention.ms', '86400000'],
])

/** Makes the topic for beats, with as many replicas as the cluster has brokers for; another invocation may have been faster. */
export const createHeartbeatTopic = async (
  deadline: Deadline,
  topics: Pick<TopicAdmin, 'describe' | 'create'>,
): Promise<void> => {
  const { brokers } = await topics.describe(deadline)
  const topic = {
    topic: HEARTBEAT_TOPIC,
    partitions: 1,
    replicationFactor: Math.max(1, Math.min(MOST_REPLICAS, brokers)),
    settings: SETTINGS,
  }
  const answer = (await topics.create([topic], deadline)).get(HEARTBEAT_TOPIC)
  if (answer instanceof ReplicationError && answer.code !== 'TOPIC_EXISTS') throw answer
}
