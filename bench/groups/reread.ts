import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { type GroupCommits, GroupCommitter } from '../../local/kafka/group-commits.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { countRecords, createTopic, dropTopic, withAdmin } from '../bench-cluster.ts'
import { copyOf } from '../copiers/copier.ts'
import type { GroupTranslator } from './group-translator.ts'
import { readOn } from './moved-group.ts'
import type { MovedLag } from './moved-lag.ts'
import type { NumberedTopic } from './numbered-topic.ts'

export interface GroupCourse {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly folder: string
  readonly say: (line: string) => void
}

const COPIED_WITHIN_MS = 540_000
const MOVED_WITHIN_MS = 60_000
/** Two rounds of five seconds and some: nobody is stopped while they improve. */
const UNCHANGED_MS = 12_000
const LOOK_EVERY_MS = 500

/** Copies a whole topic, commits a group for each lag on the source, waits until all are moved, and reads on from there. */
export const measureReread = async (
  translator: GroupTranslator,
  { topic, alias, lags }: { readonly topic: NumberedTopic; readonly alias: string; readonly lags: readonly number[] },
  { source, target, folder }: GroupCourse,
): Promise<readonly MovedLag[]> => {
  const targetTopic = copyOf(alias, topic.name)
  await using resources = new AsyncDisposableStack()
  await createTopic(target, targetTopic, topic.partitions)
  resources.defer(() => dropTopic(target, targetTopic))
  const task = { source, target, topic: topic.name, targetTopic, alias, folder }
  const copier = await translator.copier.start(task)
  resources.defer(() => copier.stop())
  const passes = await translator.start(task)
  resources.defer(() => passes.stop())
  await untilCopied(target, targetTopic, topic.partitions * topic.recordsOfPartition)

  const groups = lags.map((lag) => ({ lag, group: `${alias}-lag-${lag}` }))
  await commitAll(source, topic, groups)
  await passes.committed()
  const moved = await settled(target, targetTopic, { groups, partitions: topic.partitions })
  const read = groups.map(async ({ lag, group }): Promise<MovedLag> => {
    const committed = moved.get(group) ?? new Map()
    const resumptions = await readOn(target, { group, targetTopic, records: topic.recordsOfPartition, lag, committed })
    return { lag, partitions: [...resumptions.values()], nowhere: topic.partitions - resumptions.size }
  })
  return Promise.all(read)
}

export const untilCopied = (target: LocalCluster, targetTopic: string, records: number): Promise<boolean> =>
  withAdmin(target, (admin) =>
    eventually(
      `${records} records of ${targetTopic}`,
      async () => (await countRecords(admin, targetTopic)) >= records,
      {
        withinMs: COPIED_WITHIN_MS,
        everyMs: LOOK_EVERY_MS,
      },
    ),
  )

interface LagGroup {
  readonly lag: number
  readonly group: string
}

const commitAll = async (source: LocalCluster, topic: NumberedTopic, groups: readonly LagGroup[]): Promise<void> => {
  const committer = new GroupCommitter(source)
  try {
    for (const { lag, group } of groups)
      await committer.commit(group, new Map([[topic.name, topic.positionsBehind(lag)]]))
  } finally {
    await committer.close()
  }
}

/** When all groups have a position in every partition, or the time for that is over, and nothing changed for a while. */
const settled = async (
  target: LocalCluster,
  targetTopic: string,
  { groups, partitions }: { readonly groups: readonly LagGroup[]; readonly partitions: number },
): Promise<ReadonlyMap<string, GroupCommits>> => {
  const committer = new GroupCommitter(target)
  const began = performance.now()
  let [before, changedAt] = ['', began]
  const look = async (): Promise<ReadonlyMap<string, GroupCommits> | false> => {
    const found = new Map<string, GroupCommits>()
    for (const { group } of groups) found.set(group, await committer.committed(group, targetTopic))
    const now = [...found.values()].map((commits) => [...commits].join(';')).join('|')
    if (now !== before) [before, changedAt] = [now, performance.now()]
    const isAll = [...found.values()].every((commits) => commits.size === partitions)
    const isLate = performance.now() - began > MOVED_WITHIN_MS
    return (isAll || isLate) && performance.now() - changedAt > UNCHANGED_MS && found
  }
  try {
    const withinMs = MOVED_WITHIN_MS + 10 * UNCHANGED_MS
    return await eventually(`groups of ${targetTopic} to be moved`, look, { withinMs, everyMs: LOOK_EVERY_MS })
  } finally {
    await committer.close()
  }
}
