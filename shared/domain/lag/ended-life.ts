import type { Gap, Head } from '../head.ts'
import { HEARTBEAT_TOPIC } from '../heartbeat/beat.ts'
import { type PartitionId, partitionName } from '../record.ts'
import type { PartitionLag } from './lag-figures.ts'
import { firstUnreplicated, oldestWaiting, type PartitionLook } from './partition-look.ts'

/**
 * What was seen last of partitions whose topic was deleted on the source, or made anew, while records of it were not
 * replicated; by `lifeName`. Its checkpoint goes on as long as somebody moves it; at the end nothing is left to account for.
 */
export type EndedLives = ReadonlyMap<string, PartitionLook>

export const lifeName = (life: PartitionId & Pick<PartitionLook, 'incarnation'>): string =>
  `${life.incarnation} ${partitionName(life)}`

/** What a source has of its topics now. A topic that is in neither could not be described, or nobody asked for it. */
export interface LivingTopics {
  /** The life that it has now, by topic. */
  readonly living: ReadonlyMap<string, string>
  /** Those of which it says that it has none. */
  readonly absent: ReadonlySet<string>
  /** Where the partitions end that it has, by `partitionName`. */
  readonly ends: ReadonlyMap<string, bigint>
}

const isOver = ({ topic, incarnation }: PartitionLook, { living, absent }: LivingTopics): boolean =>
  absent.has(topic) || (living.get(topic) ?? incarnation) !== incarnation

/** For so long a lost tail is counted among the gaps of a topic that is no more. */
const KEPT_MS = 30 * 86_400_000

/** What was known before a look. */
interface PastLives {
  readonly looks: ReadonlyMap<string, PartitionLook>
  readonly ended?: EndedLives
  /** When the lives of topics were last asked for. */
  readonly topicsAt?: number
}

/** What is over now. A broker that lags may have hidden a life, which goes on when it is seen again. */
export const livesOver = (
  { looks, ended = new Map(), topicsAt }: PastLives,
  topics: LivingTopics,
  at: number,
): readonly PartitionLook[] => {
  const kept = [...ended.values()].filter(
    (life) => topics.living.get(life.topic) !== life.incarnation && at - life.at < KEPT_MS,
  )
  const fresh = [...looks.values()].filter((look) => look.topic !== HEARTBEAT_TOPIC && isOver(look, topics))
  const lives = [...kept, ...fresh.map((look) => withoutHistory(ownPart(look, topics, topicsAt)))]
  return [...new Map(lives.map((life) => [lifeName(life), life])).values()]
}

/**
 * Lives are asked for less often than ends are, and an end that the next life has passed already may have been its own: then
 * only what was there when the lives were last asked for is surely of this one.
 */
const ownPart = (look: PartitionLook, { ends }: LivingTopics, topicsAt = look.at): PartitionLook => {
  const next = ends.get(partitionName(look))
  if (next === undefined || next < look.end) return look
  const { scan: _, ...rest } = look
  const end = look.rises.findLast(({ by }) => by <= topicsAt)?.end ?? oldestWaiting(rest)
  return end < look.end ? { ...rest, end } : look
}

const withoutHistory = ({ retentionMs: _, ...look }: PartitionLook): PartitionLook => ({
  ...look,
  starts: [],
  rises: [],
})

/** With the checkpoint where it stands by now, when it went on. */
export const replicatedTo = (life: PartitionLook, nextSource: bigint): PartitionLook =>
  life.checkpoint !== undefined && life.checkpoint >= nextSource ? life : { ...life, checkpoint: nextSource }

/** The head of another life tells nothing of this one. */
export const withHead = (life: PartitionLook, head: Head | undefined): PartitionLook =>
  head?.incarnation === life.incarnation ? replicatedTo(life, head.nextSource) : life

/** The source offsets that went with the topic, at least: nobody saw what was written after the last look. */
export const lostTail = (life: PartitionLook): Pick<Gap, 'from' | 'to'> | undefined => {
  const from = firstUnreplicated(life)
  return from < life.end ? { from, to: life.end } : undefined
}

/** Those that are known already, and of those that ended just now the ones that took something with them. */
export const accountable = (lives: readonly PartitionLook[], known: EndedLives): EndedLives =>
  new Map(
    lives.flatMap((life): [string, PartitionLook][] => {
      const name = lifeName(life)
      return known.has(name) || lostTail(life) !== undefined ? [[name, life]] : []
    }),
  )

/** Whether the gap ledger has what went with it. */
export const isWritten = (life: PartitionLook, gaps: readonly Gap[]): boolean =>
  gaps.some(({ kind, incarnation, to }) => kind === 'lost' && incarnation === life.incarnation && to >= life.end)

/** A broker that has just begun may not have heard of a topic yet. */
const TOLD_AFTER_MS = 60_000

/** What went with topics and is in no ledger yet: nothing of it waits any more. */
export const goneWith = (ended: EndedLives, now: number): readonly PartitionLag[] =>
  [...ended.values()].flatMap((life): PartitionLag[] => {
    const tail = lostTail(life)
    if (tail === undefined || now - life.at < TOLD_AFTER_MS) return []
    const { topic, partition, at } = life
    return [{ topic, partition, seenAt: at, records: 0, lagMs: 0, gone: Number(tail.to - tail.from) }]
  })

/** No function runs for longer: whatever of the life was under way is replicated by then, or never will be. */
const SURELY_OVER_MS = 16 * 60_000

/** Those whose tails are to be written into the gap ledger. */
export const dueTails = (ended: EndedLives, now: number): readonly PartitionLook[] =>
  [...ended.values()].filter((life) => lostTail(life) !== undefined && now - life.at >= SURELY_OVER_MS)
