import { setTimeout as pause } from 'node:timers/promises'
import { endsOf } from '../../local/check/log-reader.ts'
import { type GroupCommits, GroupCommitter } from '../../local/kafka/group-commits.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { countRecords, createTopic, dropTopic, withAdmin } from '../bench-cluster.ts'
import { copyOf } from '../copiers/copier.ts'
import { Pacer } from '../path/pace.ts'
import type { GroupTranslator } from './group-translator.ts'
import type { GroupCourse } from './reread.ts'

/** Seconds from a commit on the source until the group's position on the target moved, in all partitions; absent: not in time. */
export interface Freshness {
  readonly first: number | undefined
  readonly next: number | undefined
}

const PARTITIONS = 2
const PACE = { recordsPerSecond: 200, partitions: PARTITIONS, recordBytes: 200 }
const FLOWS_WITHIN_MS = 120_000
const MOVED_WITHIN_MS = 180_000
/** What flowed before is more than any copier's batch, and the group is a new one to whoever looks for groups. */
const SETTLE_MS = 10_000
/** The group reads on. */
const BETWEEN_MS = 5_000
const LOOK_EVERY_MS = 50

/** A group that keeps up commits where the source ends, twice, while records flow. */
export const measureFreshness = async (
  translator: GroupTranslator,
  alias: string,
  { source, target, folder }: GroupCourse,
): Promise<Freshness> => {
  const topic = `${alias}-flow`
  const targetTopic = copyOf(alias, topic)
  await using resources = new AsyncDisposableStack()
  for (const [cluster, name] of [
    [source, topic],
    [target, targetTopic],
  ] as const) {
    await createTopic(cluster, name, PARTITIONS)
    resources.defer(() => dropTopic(cluster, name))
  }
  const task = { source, target, topic, targetTopic, alias, folder }
  const copier = await translator.copier.start(task)
  resources.defer(() => copier.stop())
  const pacer = Pacer.start(source, topic, PACE)
  resources.defer(() => pacer.stop())
  await withAdmin(target, (admin) =>
    eventually('the first copies', async () => (await countRecords(admin, targetTopic)) > 0, {
      withinMs: FLOWS_WITHIN_MS,
    }),
  )
  await pause(SETTLE_MS)
  const passes = await translator.start(task)
  resources.defer(() => passes.stop())
  const [atSource, atTarget] = [new GroupCommitter(source), new GroupCommitter(target)]
  for (const committer of [atSource, atTarget]) resources.defer(() => committer.close())

  const timed = async (): Promise<number | undefined> => {
    const before = await atTarget.committed(alias, targetTopic)
    await passes.due()
    const ends = await endsOf(source, topic)
    await atSource.commit(alias, new Map([[topic, new Map(ends.map((end, partition) => [partition, end]))]]))
    const began = performance.now()
    const isThere = async (): Promise<boolean> => isAdvanced(before, await atTarget.committed(alias, targetTopic))
    while (performance.now() - began < MOVED_WITHIN_MS) {
      await passes.committed() // once more each time: what the group has read may not be replicated yet
      if (await isThere()) return (performance.now() - began) / 1000
      await pause(LOOK_EVERY_MS)
    }
    return undefined
  }
  const first = await timed()
  await pause(BETWEEN_MS)
  return { first, next: await timed() }
}

const isAdvanced = (before: GroupCommits, now: GroupCommits): boolean =>
  now.size === PARTITIONS && [...now].every(([partition, offset]) => offset > (before.get(partition) ?? -1n))
