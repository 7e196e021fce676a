import { type ErrorCode, ReplicationError } from '../domain/errors.ts'
import type { LinkStatus } from '../domain/head.ts'
import { HEARTBEAT_PARTITION } from '../domain/heartbeat/beat.ts'
import { newestBeatAt } from '../domain/heartbeat/beat-age.ts'
import { risesEach } from '../domain/lag/lag-memory.ts'
import { atCheckpoint, lookAgain, type PartitionLook } from '../domain/lag/partition-look.ts'
import { type PartitionId, partitionName } from '../domain/record.ts'
import { type LagDeps, startPart } from './lag-deps.ts'
import type { LogEdges, PerPartition } from './log-ports.ts'
import type { Deadline, LinkSnapshot } from './ports.ts'
import type { SourceTopic } from './source-topics.ts'

type Looks = ReadonlyMap<string, PartitionLook>

/** The partitions of a link on the source, as far as it told, and what was known of them where it did not. */
export interface SourceLooks {
  /** Milliseconds since 1970, before the source was asked. */
  readonly at: number
  readonly looks: Looks
  readonly retentionMs: ReadonlyMap<string, number>
  /** Names of the partitions that the source told nothing of. */
  readonly unseen: ReadonlySet<string>
  /** Whether anybody there answered. */
  readonly reachable: boolean
  readonly troubles: readonly string[]
  readonly mode: LinkStatus['mode']
  /** When the newest beat on the target was written; absent: none has arrived. */
  readonly beatAt?: number
}

interface Followed extends PartitionId {
  readonly incarnation: string
}

/** Then the cluster as a whole tells nothing; other errors are of one topic or one partition. */
const SILENT: ReadonlySet<ErrorCode> = new Set(['SOURCE_UNREACHABLE', 'LOGIN_REFUSED', 'CONFIG_INVALID'])
const SOURCE_WITHIN_MS = 5_000

/** Ends first, checkpoints after them: what is replicated meanwhile never looks like lag. */
export const lookAtSource = async (before: Looks, deadline: Deadline, deps: LagDeps): Promise<SourceLooks> => {
  const ofSource = startPart(SOURCE_WITHIN_MS, deadline, deps)
  try {
    const topics = await knownOrWhyNot(ofSource, deps)
    const isTold = !(topics instanceof ReplicationError)
    const partitions: readonly Followed[] = isTold ? topics.flatMap(partitionsOf) : [...before.values()]
    const at = deps.clock.now()
    const edges = await deps.source.edges(partitions, ofSource)
    const snapshot = await deps.state.read(partitions, deadline)
    const beatAt = newestBeatAt(snapshot.heads.get(partitionName(HEARTBEAT_PARTITION)))
    const seen = [...edges.values()].some((edge) => !(edge instanceof ReplicationError) || !SILENT.has(edge.code))
    return {
      at,
      looks: looksOf(partitions, { at, before, edges, snapshot }),
      retentionMs: isTold ? retentionOf(topics) : new Map(),
      unseen: new Set([...edges].flatMap(([name, edge]) => (edge instanceof ReplicationError ? [name] : []))),
      ...(beatAt !== undefined && { beatAt }),
      mode: snapshot.status.mode,
      reachable: partitions.length === 0 ? isTold : seen,
      troubles: troublesIn(isTold ? [] : [topics], edges.values(), snapshot.heads.values()),
    }
  } finally {
    ofSource.end()
  }
}

const knownOrWhyNot = async (
  deadline: Deadline,
  { topics }: LagDeps,
): Promise<readonly SourceTopic[] | ReplicationError> => {
  try {
    return await topics.known(deadline)
  } catch (error) {
    if (error instanceof ReplicationError && !error.code.startsWith('STATE_')) return error
    throw error
  }
}

const partitionsOf = ({ topic, incarnation, partitions }: SourceTopic): Followed[] =>
  Array.from({ length: partitions }, (_, partition) => ({ topic, partition, incarnation }))

const retentionOf = (topics: readonly SourceTopic[]): ReadonlyMap<string, number> =>
  new Map(
    topics.flatMap(({ topic, retentionMs }): [string, number][] =>
      retentionMs === undefined ? [] : [[topic, retentionMs]],
    ),
  )

interface Found {
  readonly at: number
  readonly before: Looks
  readonly edges: PerPartition<LogEdges>
  readonly snapshot: LinkSnapshot
}

const looksOf = (partitions: readonly Followed[], found: Found): Looks => {
  const most = risesEach(partitions.length)
  return new Map(
    partitions.flatMap((followed): [string, PartitionLook][] => {
      const name = partitionName(followed)
      const look = lookOf(followed, name, found)
      return look === undefined ? [] : [[name, atCheckpoint(look, checkpointOf(look, found), most)]]
    }),
  )
}

const lookOf = (followed: Followed, name: string, { at, before, edges }: Found): PartitionLook | undefined => {
  const edge = edges.get(name)
  const past = before.get(name)
  if (edge === undefined || edge instanceof ReplicationError) return past
  const { topic, partition, incarnation } = followed
  return lookAgain(past, { topic, partition, incarnation, at, start: edge.start, end: edge.stableEnd })
}

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
