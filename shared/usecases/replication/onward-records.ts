import type { Head } from '../../domain/head.ts'
import { stretchesOf } from '../../domain/looped-runs.ts'
import type { Progress } from '../../domain/progress.ts'
import { type Sifted, sift } from '../../domain/provenance.ts'
import type { PartitionBatch, PolledRecord } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import type { Deadline, SourceLog, TargetLog } from '../ports.ts'
import { clusterEnds } from './cluster-ends.ts'

interface OnwardDeps {
  readonly source: SourceLog
  readonly target: TargetLog
  readonly provenance: boolean
  readonly targetTopic: (sourceTopic: string) => string
}

/** The new records that are to be appended, as they are to be appended; without provenance they are all the same. */
export const onwardRecords = async (
  { topic, partition }: PartitionBatch,
  { refillBelow }: Pick<Head, 'refillBelow'>,
  fresh: readonly PolledRecord[],
  deadline: Deadline,
  { provenance, targetTopic, ...clusters }: OnwardDeps,
): Promise<Sifted> => {
  if (!provenance || fresh.length === 0) return { onward: fresh, looped: [], untrusted: 0 }
  const ends = await clusterEnds(clusters, deadline)
  const hop = { ...ends, sourceTopic: topic, targetTopic: targetTopic(topic), partition }
  return sift(fresh, hop, undefined, refillBelow)
}

/** How far the first `appended` of the onward records bring the fresh ones: up to the next that is not appended. */
export const progressOf = (
  fresh: readonly PolledRecord[],
  { onward, looped }: Sifted,
  appended: number,
  runs: readonly Run[],
): Progress | undefined => {
  const next = onward[appended]
  const waitsAt = looped.length === 0 ? appended : fresh.findIndex(({ offset }) => offset === next?.offset)
  const [oldest, ...others] = next === undefined ? fresh : fresh.slice(0, waitsAt)
  const passed = next === undefined ? looped : looped.filter((offset) => offset < next.offset)
  return oldest && { handled: [oldest, ...others], runs, looped: stretchesOf(passed) }
}
