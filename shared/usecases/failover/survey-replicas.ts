import { ReplicationError } from '../../domain/errors.ts'
import type { ReplicaFacts, RetentionFacts } from '../../domain/failover/preflight-facts.ts'
import { retentionMsOf } from '../../domain/lag/retention.ts'
import type { PlacedPartition } from '../../domain/racks/cluster-layout.ts'
import type { TopicSettings } from '../../domain/topics/topic-facts.ts'
import type { Deadline } from '../ports.ts'
import type { ClusterLayout } from '../racks/rack-ports.ts'
import type { PerTopic } from '../topics/topic-ports.ts'

const MIN_IN_SYNC = 'min.insync.replicas'

/** Whether the replicas take records with acks=all now. `topics`: as they are named on the target. */
export const surveyReplicas = async (
  topics: ReadonlySet<string>,
  settings: PerTopic<TopicSettings>,
  deadline: Deadline,
  { layout }: { readonly layout: ClusterLayout },
): Promise<ReplicaFacts> => {
  const placed = (await layout.describe(deadline)).partitions.filter(({ topic }) => topics.has(topic))
  const needed = new Map([...topics].map((topic) => [topic, minInSync(settings.get(topic))]))
  const isWritable = (one: PlacedPartition): boolean =>
    one.leader !== undefined && one.inSync.length >= Math.min(needed.get(one.topic) ?? 1, one.replicas.length)
  const thin = placed.filter(({ inSync, replicas }) => inSync.length < replicas.length)
  return {
    partitions: placed.length,
    unwritable: placed.filter((one) => !isWritable(one)).map(named),
    thin: thin.map(named),
    untold: [...new Set(placed.map(({ topic }) => topic))].filter((topic) => needed.get(topic) === undefined),
  }
}

const named = ({ topic, partition }: PlacedPartition) => ({ topic, partition })

const minInSync = (settings: TopicSettings | ReplicationError | undefined): number | undefined => {
  if (settings === undefined || settings instanceof ReplicationError) return undefined
  const count = Number(settings.get(MIN_IN_SYNC)?.value ?? Number.NaN)
  return Number.isSafeInteger(count) ? count : undefined
}

/** How long a cluster keeps records of some topics. */
export const retentionOf = (settings: PerTopic<TopicSettings>): RetentionFacts => {
  const untold: string[] = []
  let shortest: RetentionFacts['shortest']
  for (const [topic, ofTopic] of settings) {
    if (ofTopic instanceof ReplicationError) untold.push(topic)
    else {
      const retentionMs = retentionMsOf(ofTopic)
      if (retentionMs !== undefined && retentionMs < (shortest?.retentionMs ?? Number.POSITIVE_INFINITY))
        shortest = { topic, retentionMs }
    }
  }
  return { ...(shortest && { shortest }), untold }
}
