import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Patience } from './patience.ts'
import type { TopicDirectory, TopicView } from './topic-directory.ts'

/** Where to send the records of a partition now, or why that cannot be told; `code` is for when it stays so. */
export type LeaderView =
  | { readonly kind: 'leader'; readonly leader: number; readonly topicId: string }
  | { readonly kind: 'look-again'; readonly code: ErrorCode; readonly because: string }
  | { readonly kind: 'stop'; readonly error: ReplicationError }

/** New topics and partitions are not known to all brokers at once. */
const LOOKS_FOR_WHAT_IS_MISSING = 4

/** `looks` counts how often the cluster was asked afresh already. A partition that is not there is never replaced by another. */
export const leaderOf = (view: TopicView, { topic, partition }: PartitionId, looks: number): LeaderView => {
  const where = `appending to ${partitionName({ topic, partition })}`
  const missing = (code: ErrorCode, because: string): LeaderView =>
    looks < LOOKS_FOR_WHAT_IS_MISSING
      ? { kind: 'look-again', code, because }
      : { kind: 'stop', error: new ReplicationError(code, `${where}: ${because}`) }
  if (view.kind === 'unknown') return missing('TARGET_TOPIC_UNKNOWN', 'the target has no such topic')
  if (view.kind === 'denied')
    return { kind: 'stop', error: new ReplicationError('TARGET_DENIED', `${where}: we may not describe the topic`) }
  if (view.kind === 'unclear') return { kind: 'look-again', code: 'TARGET_UNREACHABLE', because: view.because }
  const { topicId, leaders } = view
  if (!leaders.has(partition))
    return missing('TARGET_PARTITION_MISSING', `the topic has ${leaders.size} partitions on the target`)
  const leader = leaders.get(partition)
  if (leader === undefined) return { kind: 'look-again', code: 'TARGET_UNREACHABLE', because: 'no leader' }
  return { kind: 'leader', leader, topicId }
}

interface Look {
  readonly topics: Pick<TopicDirectory, 'find'>
  readonly patience: Patience
  readonly unreachable: ErrorCode
}

/** Looks until there is a leader, or until it is clear that there will be none. */
export const findLeader = async (
  partition: PartitionId,
  { topics, patience, unreachable }: Look,
  how: { readonly fresh: boolean },
): Promise<LeaderView & { kind: 'leader' }> => {
  for (let looks = how.fresh ? 1 : 0; ; looks++) {
    const seen = { fresh: looks > 0 }
    const view = await patience.ask(unreachable, (signal) => topics.find(partition.topic, seen, signal))
    const verdict = leaderOf(view, partition, looks)
    if (verdict.kind === 'stop') throw verdict.error
    if (verdict.kind === 'leader') return verdict
    await patience.pause(verdict, looks)
  }
}
