import { ReplicationError } from '../../domain/errors.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { chooseSamples } from '../../domain/verify/sample-choice.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import type { HoleConfirmation, VerifyRange } from './verify-ports.ts'

/** What is to be verified: all, so many samples of each topic, what was written since a time, or holes that nobody has read. */
export type VerifyScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'sample'; readonly perTopic: number }
  | { readonly kind: 'since'; readonly timestamp: number }
  | { readonly kind: 'holes' }

export interface VerifyPlanDeps {
  readonly source: Pick<LogReader, 'edges' | 'firstSince'>
  readonly state: Pick<HoleConfirmation, 'readVerified'>
  /** The partitions of the topics that the link replicates, as they are on the source now. */
  readonly partitions: (deadline: Deadline) => Promise<readonly PartitionId[]>
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number
}

export type PlannedRange = VerifyRange & { readonly to: bigint }

export interface VerifyPlan {
  readonly ranges: readonly PlannedRange[]
  /** Partitions that cannot be looked at, and why. */
  readonly troubles: readonly string[]
}

/** A partition of which something was replicated. */
interface Replicated extends PartitionId {
  /** Where its log begins now. */
  readonly start: bigint
  readonly nextSource: bigint
  readonly unverifiedFrom: bigint | undefined
}

/** Chooses ranges that end at today's checkpoints. Samples come with the holes that nobody has read. */
export const planVerification = async (
  scope: VerifyScope,
  topic: string | undefined,
  deadline: Deadline,
  deps: VerifyPlanDeps,
): Promise<VerifyPlan> => {
  const wanted = (await deps.partitions(deadline)).filter(
    (partition) => topic === undefined || partition.topic === topic,
  )
  if (wanted.length === 0 && topic !== undefined)
    throw new ReplicationError('TOPIC_UNFOLLOWED', `looking for what to verify of ${topic}: the link has no such topic`)
  const { replicated, troubles } = await replicatedOf(wanted, deadline, deps)
  return { ranges: await rangesOf(scope, replicated, deadline, deps), troubles }
}

const replicatedOf = async (
  partitions: readonly PartitionId[],
  deadline: Deadline,
  { source, state }: VerifyPlanDeps,
): Promise<{ readonly replicated: readonly Replicated[]; readonly troubles: readonly string[] }> => {
  const [{ heads }, edges] = await Promise.all([
    state.readVerified(partitions, deadline),
    source.edges(partitions, deadline),
  ])
  const replicated: Replicated[] = []
  const troubles: string[] = []
  for (const partition of partitions) {
    const [head, found] = [heads.get(partitionName(partition)), edges.get(partitionName(partition))]
    if (head === undefined || found === undefined) continue
    if (head instanceof ReplicationError) troubles.push(head.message)
    else if (found instanceof ReplicationError) troubles.push(found.message)
    else {
      const { nextSource, unverifiedFrom } = head
      replicated.push({ ...partition, start: found.start, nextSource, unverifiedFrom })
    }
  }
  return { replicated, troubles }
}

const rangesOf = async (
  scope: VerifyScope,
  replicated: readonly Replicated[],
  deadline: Deadline,
  { source, random }: VerifyPlanDeps,
): Promise<readonly PlannedRange[]> => {
  const holes = replicated.toSorted(byRoomBeforeHoles).flatMap(holesOf)
  const whole = replicated.map(({ topic, partition, start, nextSource }) => ({
    topic,
    partition,
    from: smaller(start, nextSource),
    to: nextSource,
  }))
  switch (scope.kind) {
    case 'holes':
      return holes
    case 'all':
      return replicated.map(allOf).filter(isNotEmpty)
    case 'sample':
      return [...holes, ...chooseSamples(whole, scope.perTopic, random)]
    case 'since': {
      const firsts = await source.firstSince(replicated, scope.timestamp, deadline)
      const since = whole.map((range) => ({ ...range, from: startOf(firsts.get(partitionName(range)), range) }))
      return since.filter(isNotEmpty)
    }
  }
}

/** Offsets that retention takes before it comes to what nobody has read: the least first, lest others always get the time. */
const byRoomBeforeHoles = (one: Replicated, other: Replicated): number =>
  Number(roomBeforeHoles(one) - roomBeforeHoles(other))

const roomBeforeHoles = ({ start, unverifiedFrom, nextSource }: Replicated): bigint =>
  (unverifiedFrom ?? nextSource) - start

const holesOf = ({ topic, partition, unverifiedFrom, nextSource }: Replicated): PlannedRange[] =>
  unverifiedFrom === undefined ? [] : [{ topic, partition, from: unverifiedFrom, to: nextSource, holesOnly: true }]

/** What is gone from the log is of interest only where nobody has read it. */
const allOf = ({ topic, partition, start, unverifiedFrom, nextSource }: Replicated): PlannedRange => ({
  topic,
  partition,
  from: smaller(smaller(start, unverifiedFrom ?? start), nextSource),
  to: nextSource,
})

const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other)

const isNotEmpty = ({ from, to }: PlannedRange): boolean => from < to

/** Rather all of a partition than nothing of it, when nobody can tell where the time began. */
const startOf = (first: bigint | ReplicationError | undefined, { from, to }: PlannedRange): bigint => {
  if (first instanceof ReplicationError) return from
  return first ?? to
}
