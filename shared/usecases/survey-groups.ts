import { asReplicationError, ReplicationError } from '../domain/errors.ts'
import type { ListedGroup } from '../domain/groups/group-facts.ts'
import type { GroupOrder } from '../domain/groups/group-order.ts'
import type { GroupPlanFacts } from '../domain/groups/group-plan.ts'
import { type GroupRecords, groupRecordName } from '../domain/groups/group-record.ts'
import { groupSelection, type LeftOutGroup } from '../domain/groups/group-selection.ts'
import type { Stand, Standing } from '../domain/groups/group-stand.ts'
import { groupWays, type Lives, type ReverseFacts, type Way, type WaysOfTopic } from '../domain/groups/group-ways.ts'
import { isStandingEcho, type Skip } from '../domain/groups/position-verdict.ts'
import type { ClusterTopics } from '../domain/topics/topic-facts.ts'
import { type BoundPositions, boundPositions, type MapReader, type WayPosition } from './bound-positions.ts'
import type { GroupAdmin, GroupLedger, GroupList, GroupOffsets } from './group-ports.ts'
import type { Clock, Deadline } from './ports.ts'
import type { TopicAdmin, TopicLedger } from './topic-ports.ts'

/** What is kept of a link. */
export interface LinkMemory {
  readonly topics: Pick<TopicLedger, 'topics'>
  readonly groups: Pick<GroupLedger, 'records'>
  readonly map: MapReader
}

export interface GroupSurveyDeps extends GroupOrder {
  readonly memory: LinkMemory
  /** Of the reverse links, by name. */
  readonly reverseMemories: ReadonlyMap<string, LinkMemory>
  readonly source: GroupAdmin
  readonly target: GroupAdmin
  readonly sourceTopics: Pick<TopicAdmin, 'describe'>
  readonly targetTopics: Pick<TopicAdmin, 'describe'>
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
  const ways = groupWays({ ...ground, link: deps.link, reverses: published.reverses })
  const offsets = sortOffsets(committed, ways)
  const positions = await boundPositions(positionsOf(offsets.found), readersOf(deps), deadline)
  const stands = offsets.found.map((found) => standOf(found, positions, published))
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
  readonly reverses: readonly (ReverseFacts & { readonly trouble?: ReplicationError })[]
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
  if (sourceTopics.clusterId === targetTopics.clusterId)
    throw new ReplicationError(
      'SAME_CLUSTER',
      `moving the groups of ${deps.link.name}: source and target are one cluster, ${sourceTopics.clusterId}`,
    )
  return { source, target, sourceLives: livesOf(sourceTopics), targetLives: livesOf(targetTopics), topics, reverses }
}

const livesOf = ({ topics }: ClusterTopics): Lives =>
  new Map([...topics].map(([topic, { incarnation }]) => [topic, incarnation]))

const readReverse = async (
  link: GroupOrder['link'],
  deadline: Deadline,
  { reverseMemories }: GroupSurveyDeps,
): Promise<Ground['reverses'][number]> => {
  try {
    return { link, topics: (await reverseMemories.get(link.name)?.topics.topics(deadline)) ?? new Map() }
  } catch (error) {
    return { link, trouble: asReplicationError(error, `reading the topics of the link ${link.name}`) }
  }
}

const choose = ({ groups }: GroupList, { link, linkNames }: GroupSurveyDeps, only: string | undefined) => {
  const leaves = groupSelection(link, linkNames)
  const considered = [...groups.values()].filter(({ group }) => only === undefined || group === only)
  const leftOut = considered.flatMap((group) => leaves(group) ?? [])
  const out = new Set(leftOut.map(({ group }) => group))
  const chosen = considered.filter(({ group, kind }) => (only === undefined ? !out.has(group) : kind !== 'share'))
  return { chosen: chosen.map(({ group }) => group), leftOut }
}

interface Published {
  readonly reverses: readonly ReverseFacts[]
  readonly records: ReadonlyMap<string, GroupRecords>
  readonly troubles: readonly ReplicationError[]
}

/** A reverse link whose table tells only half is as one that tells nothing. */
const readPublished = async (
  reverses: Ground['reverses'],
  deadline: Deadline,
  { reverseMemories }: GroupSurveyDeps,
): Promise<Published> => {
  const records = new Map<string, GroupRecords>()
  const troubles = reverses.flatMap(({ trouble }) => trouble ?? [])
  const read = async ({ link, topics }: ReverseFacts): Promise<ReverseFacts> => {
    if (topics === undefined) return { link: link }
    try {
      records.set(link.name, (await reverseMemories.get(link.name)?.groups.records(deadline)) ?? new Map())
      return { link, topics }
    } catch (error) {
      troubles.push(asReplicationError(error, `reading what the link ${link.name} published for groups`))
      return { link }
    }
  }
  return { reverses: await Promise.all(reverses.map(read)), records, troubles }
}

interface FoundOffset {
  readonly group: string
  readonly topic: string
  readonly life: string
  readonly partition: number
  readonly standing: Standing
  readonly ways: readonly Way[]
}

interface SortedOffsets {
  readonly found: readonly FoundOffset[]
  readonly skips: readonly Skip[]
  readonly failed: ReadonlyMap<string, ReplicationError>
}

/** Offsets in topics that no link replicates concern nobody. */
const sortOffsets = (
  committed: ReadonlyMap<string, GroupOffsets | ReplicationError>,
  waysOf: (topic: string) => WaysOfTopic | undefined,
): SortedOffsets => {
  const found: FoundOffset[] = []
  const skips: Skip[] = []
  const failed = new Map<string, ReplicationError>()
  for (const [group, topics] of committed) {
    if (topics instanceof ReplicationError) {
      failed.set(group, topics)
      continue
    }
    for (const [topic, partitions] of topics) {
      const ways = waysOf(topic)
      if (ways === undefined) continue
      for (const [partition, standing] of partitions) {
        if ('ways' in ways) found.push({ group, topic, life: ways.life, partition, standing, ways: ways.ways })
        else skips.push({ group, topic, partition, because: ways.blocked, detail: ways.detail })
      }
    }
  }
  return { found, skips, failed }
}

const positionsOf = (found: readonly FoundOffset[]): WayPosition[] =>
  found.flatMap(({ partition, standing, ways }) =>
    standing.kind === 'committed' ? ways.map((way) => ({ way, partition, offset: standing.offset })) : [],
  )

const readersOf = ({ link, memory, reverseMemories }: GroupSurveyDeps): ReadonlyMap<string, MapReader> =>
  new Map([[link.name, memory.map], ...[...reverseMemories].map(([name, { map }]) => [name, map] as const)])

const standOf = (
  { group, topic, life, partition, standing, ways }: FoundOffset,
  positions: BoundPositions,
  { records }: Published,
): Stand => {
  const echo = [...records.values()].some((ofLink) =>
    isStandingEcho(ofLink.get(groupRecordName(topic, group))?.positions.get(partition), standing),
  )
  const offset = standing.kind === 'committed' ? standing.offset : 0n
  const leads = ways.map((way) => ({
    targetTopic: way.targetTopic,
    bound: positions.bound({ way, partition, offset }),
  }))
  return { group, partition, origin: { topic, incarnation: life }, standing, echo, leads }
}
