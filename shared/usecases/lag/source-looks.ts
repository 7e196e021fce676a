import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import { type Head, isAtRest, type LinkStatus } from '../../domain/head.ts'
import type { Beat } from '../../domain/heartbeat/beat.ts'
import { HEARTBEAT_PARTITION } from '../../domain/heartbeat/beat.ts'
import { newestBeatAt } from '../../domain/heartbeat/beat-age.ts'
import { accountable, type EndedLives, lifeName, livesOver, withHead } from '../../domain/lag/ended-life.ts'
import { type LagMemory, risesEach } from '../../domain/lag/lag-memory.ts'
import { atCheckpoint, lookAgain, type PartitionLook } from '../../domain/lag/partition-look.ts'
import { partitionName } from '../../domain/record.ts'
import type { LogEdges } from '../log-ports.ts'
import type { Deadline, LinkSnapshot } from '../ports.ts'
import { type AskedSource, askSource, type Edges, type Followed, isFresh, livingIn } from './ask-source.ts'
import { type LagDeps, startPart } from './lag-deps.ts'
import { truncatedIn } from './truncated-partitions.ts'

type Looks = ReadonlyMap<string, PartitionLook>

/** The partitions of a link on the source, as far as it told, and what was known of them where it did not. */
export interface SourceLooks {
  /** Milliseconds since 1970, before the source was asked. */
  readonly at: number
  readonly looks: Looks
  readonly topicsAt?: number
  /** Lives that are over, and were not replicated whole when they ended. */
  readonly ended: EndedLives
  /** Names of the partitions that the source told nothing of. */
  readonly unseen: ReadonlySet<string>
  /** Of how many partitions nobody can tell how far they are behind, see the report. */
  readonly unmeasured: number
  /** As they were read, without those that make no sense; by `partitionName`. */
  readonly heads: ReadonlyMap<string, Head>
  /** Whether anybody there answered. */
  readonly reachable: boolean
  readonly troubles: readonly string[]
  readonly status: LinkStatus
  /** When the newest beat of the link on the target was written; absent: none has arrived. */
  readonly beatAt?: number
  /** What the link beat last; absent: it never did. */
  readonly beaten?: Beat
}

/** Then the cluster as a whole tells nothing; other errors are of one topic or one partition. */
const SILENT: ReadonlySet<ErrorCode> = new Set(['SOURCE_UNREACHABLE', 'LOGIN_REFUSED', 'CONFIG_INVALID'])
const SOURCE_WITHIN_MS = 5_000

type Past = Pick<LagMemory, 'looks' | 'ended' | 'topicsAt'>

/** Ends first, checkpoints after them: what is replicated meanwhile never looks like lag. */
export const lookAtSource = async (past: Past, deadline: Deadline, deps: LagDeps): Promise<SourceLooks> => {
  const { looks: before, ended = new Map() } = past
  const ofSource = startPart(SOURCE_WITHIN_MS, deadline, deps)
  try {
    const asked = await askSource(before, ofSource, deps)
    const over = livesOver(past, livingIn(asked), asked.at)
    const [snapshot, beaten] = await Promise.all([
      deps.state.read([...asked.partitions, ...over], deadline),
      deps.beats?.read(deadline),
    ])
    const topicsAt = isFresh(asked.topics) ? asked.at : past.topicsAt
    const found = { ...asked, before, ended, over, snapshot, ...(beaten && { beaten }) }
    return { ...toldBy(found), ...(topicsAt !== undefined && { topicsAt }) }
  } finally {
    ofSource.end()
  }
}

interface Asked extends Found, AskedSource {
  /** What is over now, with the checkpoints of the look before. */
  readonly over: readonly PartitionLook[]
  readonly beaten?: Beat
}

const toldBy = ({ partitions, topics, over, beaten, ...found }: Asked): SourceLooks => {
  const { at, edges, snapshot, ended } = found
  const isTold = !(topics instanceof ReplicationError)
  const beatAt = newestBeatAt(snapshot.heads.get(partitionName(HEARTBEAT_PARTITION)), beaten)
  const reachable = partitions.length === 0 ? isTold : [...edges.values()].some(isAnswer)
  const unseen = partitions.map(partitionName).filter((name) => isUntold(edges.get(name)))
  const hidden = isTold ? [...topics.undescribed.keys()] : []
  const looks = looksOf(partitions, found)
  const truncated = truncatedIn(looks, found)
  const heads = readable(snapshot)
  const known = over.map((life) => withHead(life, heads.get(partitionName(life))))
  return {
    at,
    looks,
    ended: isAtRest(snapshot.status) ? owedStill(known, ended) : accountable(known, ended),
    unseen: new Set(unseen),
    unmeasured: unmeasured({ ...found, unseen: [...unseen, ...truncated.keys()], hidden, reachable, isTold }),
    heads,
    ...(beatAt !== undefined && { beatAt }),
    ...(beaten && { beaten }),
    status: snapshot.status,
    reachable,
    troubles: troublesIn(
      isTold ? topics.undescribed.values() : [topics],
      edges.values(),
      snapshot.heads.values(),
      truncated.values(),
    ),
  }
}

/** What ends while a link is at rest was not due any more; what went before that is owed until the ledger has it. */
const owedStill = (lives: readonly PartitionLook[], before: EndedLives): EndedLives =>
  new Map(lives.map((life) => [lifeName(life), life] as const).filter(([name]) => before.has(name)))

type Edge = LogEdges | ReplicationError | undefined

const isAnswer = (edge: Edge): boolean => !(edge instanceof ReplicationError) || !SILENT.has(edge.code)

const isUntold = (edge: Edge): boolean => edge === undefined || edge instanceof ReplicationError

const readable = ({ heads }: LinkSnapshot): ReadonlyMap<string, Head> =>
  new Map([...heads].flatMap(([name, head]) => (head instanceof ReplicationError ? [] : [[name, head]])))

interface Measurable extends Pick<Found, 'before' | 'snapshot'> {
  readonly unseen: readonly string[]
  /** Topics that may be there and could not be described. */
  readonly hidden: readonly string[]
  readonly reachable: boolean
  /** Whether anybody knows which topics there are. */
  readonly isTold: boolean
}

/** While the source as a whole is silent, the last figures hold, and how old they are is told by itself. */
const unmeasured = ({ unseen, hidden, before, snapshot, reachable, isTold }: Measurable): number => {
  const unknown = reachable ? unseen : unseen.filter((name) => !before.has(name))
  const malformed = [...snapshot.heads].flatMap(([name, head]) => (head instanceof ReplicationError ? [name] : []))
  const met = new Set([...before.values()].map(({ topic }) => topic))
  const neverMet = hidden.filter((topic) => !met.has(topic)).length
  const nothingKnown = !isTold && before.size === 0 ? 1 : 0
  return new Set([...unknown, ...malformed]).size + neverMet + nothingKnown
}

interface Found {
  readonly at: number
  readonly before: Looks
  readonly ended: EndedLives
  readonly edges: Edges
  readonly snapshot: LinkSnapshot
}

const looksOf = (partitions: readonly Followed[], found: Found): Looks => {
  const most = risesEach(partitions.length)
  return new Map(
    partitions.flatMap((followed): [string, PartitionLook][] => {
      const name = partitionName(followed)
      const look = lookOf(followed, name, found)
      return look === undefined
        ? []
        : [[name, atCheckpoint(withRetention(dueOf(look, found), followed), checkpointOf(look, found), most)]]
    }),
  )
}

const lookOf = (followed: Followed, name: string, { at, before, ended, edges }: Found): PartitionLook | undefined => {
  const edge = edges.get(name)
  const past = ended.get(lifeName(followed)) ?? before.get(name)
  if (edge === undefined || edge instanceof ReplicationError) return past
  const { topic, partition, incarnation } = followed
  return lookAgain(past, { topic, partition, incarnation, at, start: edge.start, end: edge.stableEnd })
}

/** What retention takes while the link is at rest was never due. */
const dueOf = ({ firstStart, ...look }: PartitionLook, { snapshot }: Found): PartitionLook => ({
  ...look,
  ...(firstStart !== undefined && !isAtRest(snapshot.status) && { firstStart }),
})

const withRetention = ({ retentionMs: _, ...look }: PartitionLook, { retentionMs }: Followed): PartitionLook => ({
  ...look,
  ...(retentionMs !== undefined && { retentionMs }),
})

/** A head of another life of the topic says nothing of this one; one that cannot be read, nothing new. */
const checkpointOf = (look: PartitionLook, { snapshot }: Found): bigint | undefined => {
  const head = snapshot.heads.get(partitionName(look))
  if (head instanceof ReplicationError) return look.checkpoint
  return head?.incarnation === look.incarnation ? head.nextSource : undefined
}

const MOST_TROUBLES = 10

const troublesIn = (...parts: readonly Iterable<unknown>[]): readonly string[] => {
  const errors = parts.flatMap((part) => [...part]).filter((one) => one instanceof ReplicationError)
  return [...new Set(errors.map(({ message }) => message))].slice(0, MOST_TROUBLES)
}
