import { ReplicationError } from '../../domain/errors.ts'
import type { ListedGroup } from '../../domain/groups/group-facts.ts'
import type { GroupOrder } from '../../domain/groups/group-order.ts'
import type { GroupPlanFacts } from '../../domain/groups/group-plan.ts'
import { groupSelection, type LeftOutGroup } from '../../domain/groups/group-selection.ts'
import { groupWays, type Lives, type WaysOfTopic } from '../../domain/groups/group-ways.ts'
import type { Skip } from '../../domain/groups/position-verdict.ts'
import { clusterConfusion } from '../../domain/topics/cluster-identity.ts'
import type { ClusterTopics } from '../../domain/topics/topic-facts.ts'
import type { LogReader } from '../log-ports.ts'
import { type BoundPositions, boundPositions } from '../offset-map/bound-positions.ts'
import type { MapReader } from '../offset-map/read-maps.ts'
import type { Clock, Deadline } from '../ports.ts'
import type { TopicAdmin, TopicLedger } from '../topics/topic-ports.ts'
import type { GroupAdmin, GroupList } from './group-ports.ts'
import { type LinkMemory, type ReadReverse, type ReverseDeps, readPublished, readReverse } from './reverse-links.ts'
import { positionsOf, sortOffsets, standOf } from './sorted-offsets.ts'
import { withinTarget } from './target-ends.ts'

export interface GroupSurveyDeps extends GroupOrder, ReverseDeps {
  readonly memory: LinkMemory
  readonly source: GroupAdmin
  readonly target: GroupAdmin
  readonly sourceTopics: Pick<TopicAdmin, 'describe'>
  readonly targetTopics: Pick<TopicAdmin, 'describe'>
  readonly targetLog: Pick<LogReader, 'edges'>
  readonly clock: Clock
}

export interface GroupSurvey {
  readonly facts: GroupPlanFacts
  readonly sourceGroups: ReadonlyMap<string, ListedGroup>
  readonly leftOut: readonly LeftOutGroup[]
  /** How many groups were compared. */
  readonly compared: number
  /** Positions in topics of the link that lead nowhere. */
  readonly skips: readonly Skip[]
  /** Groups of which the source told nothing. */
  readonly failed: ReadonlyMap<string, ReplicationError>
  readonly troubles: readonly ReplicationError[]
  /** The ways of each stand's topic, and the maps that they go by. */
  readonly ways: (topic: string) => WaysOfTopic | undefined
  readonly positions: BoundPositions
}

export interface SurveyOptions {
  /** One group, whatever the link says of it, and also where it is live on the target. @default those the link moves */
  readonly only?: string
}

/**
 * Asks both clusters and the tables what a plan depends on. The order matters: lives of topics before positions, so that no
 * position is translated by the map of an earlier life; positions before the ledgers of the reverse links, so that what
 * they published is recognised; heads last, so that they are not behind the positions.
 */
export const surveyGroups = async (
  deadline: Deadline,
  deps: GroupSurveyDeps,
  { only }: SurveyOptions = {},
): Promise<GroupSurvey> => {
  const ground = await surveyGround(deadline, deps)
  const { chosen, leftOut } = choose(ground.source, deps, only)
  const committed = await deps.source.committed(chosen, deadline)
  const published = await readPublished(ground.reverses, deadline, deps)
  const ways = groupWays({ ...ground, link: deps.link, reverses: published.reverses, roundabout: deps.roundabout })
  const offsets = sortOffsets(committed, ways)
  const positions = await boundPositions(positionsOf(offsets.found), readersOf(deps), deadline)
  const led = offsets.found.map((found) => standOf(found, positions, published))
  const stands = await withinTarget(led, deadline, deps)
  const moved = [...new Set(stands.map(({ group }) => group))]
  const asked = only === undefined ? moved.filter((group) => ground.target.groups.get(group)?.life !== 'live') : moved
  return {
    facts: {
      followRewinds: deps.link.followRewinds,
      now: deps.clock.now(),
      targetGroups: ground.target.groups,
      stands,
      target: asked.length > 0 ? await deps.target.committed(asked, deadline) : new Map(),
      records: await deps.memory.groups.records(deadline),
    },
    sourceGroups: ground.source.groups,
    leftOut,
    compared: chosen.length,
    skips: offsets.skips,
    failed: offsets.failed,
    troubles: [...ground.source.troubles, ...ground.target.troubles, ...published.troubles],
    ways,
    positions,
  }
}

interface Ground {
  readonly source: GroupList
  readonly target: GroupList
  readonly sourceLives: Lives
  readonly targetLives: Lives
  readonly topics: Awaited<ReturnType<TopicLedger['topics']>>
  readonly reverses: readonly ReadReverse[]
}

const surveyGround = async (deadline: Deadline, deps: GroupSurveyDeps): Promise<Ground> => {
  const [sourceTopics, targetTopics, source, target, topics, reverses] = await Promise.all([
    deps.sourceTopics.describe(deadline),
    deps.targetTopics.describe(deadline),
    deps.source.list(deadline),
    deps.target.list(deadline),
    deps.memory.topics.topics(deadline),
    Promise.all(deps.reverses.map((link) => readReverse(link, deadline, deps))),
  ])
  const { link, reverses: flows } = deps
  const ends = { source: { described: sourceTopics }, target: { described: targetTopics } }
  const confusion = clusterConfusion({ link, flows, ...ends })
  if (confusion !== undefined)
    throw new ReplicationError('SAME_CLUSTER', `moving the groups of ${link.name}: ${confusion}`)
  return { source, target, sourceLives: livesOf(sourceTopics), targetLives: livesOf(targetTopics), topics, reverses }
}

const livesOf = ({ topics }: ClusterTopics): Lives =>
  new Map([...topics].map(([topic, { incarnation }]) => [topic, incarnation]))

const choose = ({ groups }: GroupList, { link, linkNames }: GroupSurveyDeps, only: string | undefined) => {
  const leaves = groupSelection(link, linkNames)
  const considered = [...groups.values()].filter(({ group }) => only === undefined || group === only)
  const leftOut = considered.flatMap((group) => leaves(group) ?? [])
  const out = new Set(leftOut.map(({ group }) => group))
  const chosen = considered.filter(({ group, kind }) => (only === undefined ? !out.has(group) : kind !== 'share'))
  return { chosen: chosen.map(({ group }) => group), leftOut }
}

const readersOf = ({ link, memory, reverseMemories }: GroupSurveyDeps): ReadonlyMap<string, MapReader> =>
  new Map([[link.name, memory.map], ...[...reverseMemories].map(([name, { map }]) => [name, map] as const)])
