import { ReplicationError } from '../../domain/errors.ts'
import { groupRecordName } from '../../domain/groups/group-record.ts'
import type { Stand, Standing } from '../../domain/groups/group-stand.ts'
import type { Way, WaysOfTopic } from '../../domain/groups/group-ways.ts'
import { isStandingEcho, type Skip } from '../../domain/groups/position-verdict.ts'
import type { BoundPositions, WayPosition } from '../offset-map/bound-positions.ts'
import type { GroupOffsets } from './group-ports.ts'
import type { Published } from './reverse-links.ts'

/** What a group committed in a topic that leads somewhere. */
export interface FoundOffset {
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
export const sortOffsets = (
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

export const positionsOf = (found: readonly FoundOffset[]): WayPosition[] =>
  found.flatMap(({ partition, standing, ways }) =>
    standing.kind === 'committed' ? ways.map((way) => ({ way, partition, offset: standing.offset })) : [],
  )

export const standOf = (
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
