import { endsOf } from '../../local/check/log-reader.ts'
import { ReadingGroup } from '../../local/check/reading-group.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import type { GroupCommits } from '../../local/kafka/group-commits.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { isJudged, type Resumption, resumption } from './resumption.ts'

export interface MovedGroup {
  readonly group: string
  readonly targetTopic: string
  /** Of each partition. */
  readonly records: number
  /** How many records of each partition it had not read. */
  readonly lag: number
  /** What it has on the target; where it has nothing, whoever starts it chooses between all and none. */
  readonly committed: GroupCommits
}

const READ_WITHIN_MS = 120_000

/** Starts the group on the target, for real, and counts. By partition; absent: it has no position there. */
export const readOn = async (
  target: LocalCluster,
  { group, targetTopic, records, lag, committed }: MovedGroup,
): Promise<ReadonlyMap<number, Resumption>> => {
  const unread = records - lag
  const ends = await endsOf(target, targetTopic)
  const reading = await ReadingGroup.join(target, { group, topics: [targetTopic] })
  const numbersIn = (partition: number): readonly number[] =>
    reading.seen.filter((record) => record.partition === partition).map(({ id }) => Number(id))
  const isDone = ([partition, position]: readonly [number, bigint]): boolean =>
    position >= (ends[partition] ?? 0n) || isJudged(numbersIn(partition), { unread, records })
  try {
    await eventually(`${group} to read ${targetTopic}`, () => [...committed].every(isDone), {
      withinMs: READ_WITHIN_MS,
      everyMs: 100,
    })
  } finally {
    await reading.leave({ commits: false })
  }
  return new Map(
    [...committed.keys()].map((partition) => [partition, resumption(numbersIn(partition), { unread, records })]),
  )
}
