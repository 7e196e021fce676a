import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { BoundaryPoint, TopicBoundary } from '../../domain/failover/boundary.ts'
import { lockFacts } from '../../domain/failover/lock-facts.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { inLanes } from '../lanes.ts'
import type { LogEdges, PerPartition } from '../log-ports.ts'
import type { Deadline, LinkSnapshot } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { brief } from './brief-deadline.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { PerformStep, StepResult } from './failover-ports.ts'
import { type PairTopic, pairTopics, partitionsOf, replicasOf } from './pair-topics.ts'

/** A table answers a few thousand requests a second over so many connections. */
const LANES = 20
/** For a source that may be gone. */
const SOURCE_MS = 5_000

/** Writes down where every partition stands, while nothing is forwarded and before anybody writes to the target. */
export const boundary: PerformStep<CoreDeps> = async ({ execution, effects, before }, deadline, deps) => {
  const { epoch } = lockFacts(before)
  if (!effects) return { outcome: 'done', message: 'would record where both logs of every partition stand' }
  const { status } = await deps.forward.pair.read(deadline)
  if (status.mode !== 'stopped' || status.epoch >= epoch) {
    const message = `the link is ${status.mode}, in epoch ${status.epoch}: it has no boundary before epoch ${epoch}`
    return { outcome: 'refused', message }
  }
  const topics = await pairTopics(deadline, deps)
  const mayMiss = execution.input.mode === 'unplanned'
  const stands = await whereItStands(topics, mayMiss, deadline, deps)
  return await record(
    execution.name,
    topics.map((topic) => boundaryOf(topic, stands)),
    deadline,
    deps,
  )
}

interface Stands {
  readonly heads: Pick<LinkSnapshot, 'heads'>
  readonly sourceEnds: ReadonlyMap<string, bigint>
  readonly targetEnds: ReadonlyMap<string, bigint>
}

const whereItStands = async (
  topics: readonly PairTopic[],
  mayMiss: boolean,
  deadline: Deadline,
  { forward, from, to, clock }: CoreDeps,
): Promise<Stands> => {
  const partitions = topics.flatMap(partitionsOf)
  const asking = mayMiss ? brief(deadline, SOURCE_MS, { clock }) : deadline
  const [heads, source, target] = await Promise.all([
    forward.state.read(partitions, deadline),
    from.log.edges(partitions, asking),
    to.log.edges(topics.flatMap(replicasOf), deadline),
  ])
  return { heads, sourceEnds: endsIn(source, mayMiss), targetEnds: endsIn(target, false) }
}

/** By `partitionName`. What the source has no more may well be on the target still. */
const endsIn = (edges: PerPartition<LogEdges>, mayMiss: boolean): ReadonlyMap<string, bigint> => {
  const ends = new Map<string, bigint>()
  for (const [name, answer] of edges)
    if (!(answer instanceof ReplicationError)) ends.set(name, answer.end)
    else if (!mayMiss && answer.code !== 'SOURCE_TOPIC_UNKNOWN') throw answer
  return ends
}

const boundaryOf = (topic: PairTopic, stands: Stands): TopicBoundary => {
  const { targetTopic, targetIncarnation } = topic
  const points = partitionsOf(topic).map((id) => [id.partition, pointOf(id, targetTopic, stands)] as const)
  return { topic: topic.topic, targetTopic, targetIncarnation, points: new Map(points) }
}

const pointOf = (id: PartitionId, targetTopic: string, { heads, sourceEnds, targetEnds }: Stands): BoundaryPoint => {
  const head = headIn(heads, id)
  const sourceEnd = sourceEnds.get(partitionName(id))
  const targetEnd = targetEnds.get(partitionName({ ...id, topic: targetTopic })) ?? 0n
  return {
    targetEnd,
    ...(sourceEnd !== undefined && { sourceEnd }),
    ...(head !== undefined && { replicated: { source: head.nextSource, target: head.nextTarget } }),
  }
}

const record = async (
  execution: string,
  topics: readonly TopicBoundary[],
  deadline: Deadline,
  { forward }: CoreDeps,
): Promise<StepResult> => {
  const troubles: ReplicationError[] = []
  await inLanes(topics, LANES, async (topic) => {
    try {
      await forward.boundary.record(execution, topic, deadline)
    } catch (error) {
      troubles.push(asReplicationError(error, `recording the boundary of ${topic.topic}`))
    }
  })
  const [trouble] = troubles
  if (trouble !== undefined) throw trouble
  const points = topics.flatMap((topic) => [...topic.points.values()])
  const unheard = points.filter(({ sourceEnd }) => sourceEnd === undefined).length
  const message = `${points.length} partitions of ${topics.length} topics, ${unheard} without the end of the source`
  return { outcome: 'done', message, facts: { topics: topics.length, partitions: points.length, unheard } }
}
