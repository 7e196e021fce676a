import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { Head } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { type KeyedFrom, keyedFrom, keylessIsBehind } from '../../domain/topics/keyless-past.ts'
import type { ClusterTopics, TopicFacts, TopicSettings } from '../../domain/topics/topic-facts.ts'
import { type PlanFacts, type PlannedLink, replicaOf } from '../../domain/topics/topic-plan-facts.ts'
import type { TopicRecord } from '../../domain/topics/topic-record.ts'
import { compacts } from '../../domain/topics/topic-settings.ts'
import type { Deadline, LinkSnapshot, LinkState, SourceLog } from '../ports.ts'

export interface PartitionSurveyDeps {
  readonly link: PlannedLink
  /** The same source, for where its partitions end. */
  readonly sourceLog: Pick<SourceLog, 'describe'>
  readonly state: LinkState
}

/** What two clusters and the ledger have told already. */
export interface SeenTopics {
  readonly source: ClusterTopics
  readonly target: ClusterTopics
  readonly ledger: ReadonlyMap<string, TopicRecord>
  /** Of the source, as far as names tell which are replicated. */
  readonly wanted: readonly TopicFacts[]
}

/** `troubles`: what could not be found out about single topics. */
export type PartitionSurvey = Pick<PlanFacts, 'heads' | 'keyedFrom' | 'keylessPastIsBehind'> & {
  readonly troubles: readonly ReplicationError[]
}

/** Heads are read only of topics that are new, made again, growing, or waiting for compaction. */
export const surveyPartitions = async (
  seen: SeenTopics,
  ofSource: ReadonlyMap<string, TopicSettings>,
  ofTarget: ReadonlyMap<string, TopicSettings>,
  deadline: Deadline,
  deps: PartitionSurveyDeps,
): Promise<PartitionSurvey> => {
  const { ledger, wanted } = seen
  const compacting = wanted.filter(({ topic }) => compacts(ofSource.get(topic)))
  const waiting = compacting.filter(({ topic }) => !compacts(ofTarget.get(replicaOf(deps.link, topic))))
  const unsettled = wanted.filter((topic) => !isSettled(topic, seen, deps.link))
  const concerned = [...new Set([...waiting, ...unsettled])]
  const everHad = (topic: TopicFacts) => partitionsEver(topic, seen, deps.link)
  const snapshot = await deps.state.read(concerned.flatMap(everHad), deadline)
  const { starts, troubles } = await keyedStarts(waiting, ledger, deadline, deps)
  const done = (topic: TopicFacts): boolean => {
    const start = starts.get(topic.topic)
    return !waiting.includes(topic) || (start !== undefined && keylessIsBehind(start, checkpoints(topic, snapshot)))
  }
  return {
    heads: new Map(concerned.map((topic) => [topic.topic, incarnations(everHad(topic), snapshot)])),
    keyedFrom: starts,
    keylessPastIsBehind: new Set(compacting.filter(done).map(({ topic }) => topic)),
    troubles,
  }
}

/**
 * Its heads can only be those of the life that the ledger knows: earlier ones are closed before it says so. But for
 * partitions that neither the new life nor a target that was made anew had: their heads come back when they grow.
 */
const isSettled = (facts: TopicFacts, { ledger, target }: SeenTopics, link: PlannedLink): boolean => {
  const record = ledger.get(facts.topic)
  const replica = replicaOf(link, facts.topic)
  return (
    record !== undefined &&
    !record.restarting &&
    record.incarnation === facts.incarnation &&
    record.targetTopic === replica &&
    (target.topics.get(replica)?.partitions ?? 0) >= facts.partitions
  )
}

const partitionsOf = ({ topic, partitions }: TopicFacts): PartitionId[] =>
  Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))

/** An earlier life may have had more partitions than this one; the target, which never shrinks, has them still. */
const partitionsEver = (
  { topic, partitions }: TopicFacts,
  { target }: SeenTopics,
  link: PlannedLink,
): PartitionId[] => {
  const replica = target.topics.get(replicaOf(link, topic))
  return Array.from({ length: Math.max(partitions, replica?.partitions ?? 0) }, (_, partition) => ({
    topic,
    partition,
  }))
}

const headOf = (partition: PartitionId, { heads }: LinkSnapshot): Head | undefined => {
  const head = heads.get(partitionName(partition))
  return head instanceof ReplicationError ? undefined : head
}

const incarnations = (partitions: readonly PartitionId[], snapshot: LinkSnapshot): ReadonlyMap<number, string> =>
  new Map(
    partitions.flatMap((partition) => {
      const head = headOf(partition, snapshot)
      return head === undefined ? [] : [[partition.partition, head.incarnation] as const]
    }),
  )

const checkpoints = (topic: TopicFacts, snapshot: LinkSnapshot): readonly (bigint | undefined)[] =>
  partitionsOf(topic).map((partition) => {
    const head = headOf(partition, snapshot)
    return head?.incarnation === topic.incarnation ? head.nextSource : undefined
  })

interface KeyedStarts extends Pick<PartitionSurvey, 'troubles'> {
  readonly starts: ReadonlyMap<string, KeyedFrom>
}

/** Where the records begin that surely have keys. A topic of which nobody can tell goes on waiting. */
const keyedStarts = async (
  waiting: readonly TopicFacts[],
  ledger: ReadonlyMap<string, TopicRecord>,
  deadline: Deadline,
  { sourceLog }: PartitionSurveyDeps,
): Promise<KeyedStarts> => {
  const starts = new Map<string, KeyedFrom>()
  const troubles: ReplicationError[] = []
  const one = async (topic: TopicFacts): Promise<void> => {
    try {
      starts.set(topic.topic, await keyedStart(topic, ledger.get(topic.topic), deadline, sourceLog))
    } catch (error) {
      troubles.push(asReplicationError(error, `finding the ends of ${topic.topic} on the source`))
    }
  }
  await Promise.all(waiting.map(one))
  return { starts, troubles }
}

/** What the ledger says, or the ends as they are now. */
const keyedStart = async (
  topic: TopicFacts,
  record: TopicRecord | undefined,
  deadline: Deadline,
  sourceLog: PartitionSurveyDeps['sourceLog'],
): Promise<KeyedFrom> => {
  const known = record?.incarnation === topic.incarnation ? record.keyedFrom : undefined
  if (known !== undefined) return known
  return keyedFrom(await Promise.all(partitionsOf(topic).map((partition) => sourceLog.describe(partition, deadline))))
}
