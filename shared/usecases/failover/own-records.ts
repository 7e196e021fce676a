import { strandedRecord } from '../../domain/failover/stranded-header.ts'
import { sift } from '../../domain/provenance.ts'
import type { Deadline, SourceLog, TargetLog } from '../ports.ts'
import { clusterEnds } from '../replication/cluster-ends.ts'
import type { TailStretch } from './tail-ports.ts'

/** A stretch without the records that are nobody's loss. */
export type OwnRecords = (stretch: TailStretch, deadline: Deadline) => Promise<TailStretch>

/** Without provenance whatever is on the old active cluster was written there. */
export const allRecords: OwnRecords = async (stretch) => stretch

export interface ProvenanceDeps {
  readonly source: Pick<SourceLog, 'clusterId'>
  readonly target: Pick<TargetLog, 'clusterId'>
  readonly targetTopic: (topic: string) => string
}

/** Records that came from the other cluster are there: they are no more stranded than they would be copied back. */
export const withoutLooped =
  ({ source, target, targetTopic }: ProvenanceDeps): OwnRecords =>
  async (stretch, deadline) => {
    const { topic, partition, records } = stretch
    if (records.length === 0) return stretch
    const ends = await clusterEnds({ source, target }, deadline)
    const polled = records.map((record) => strandedRecord(record))
    const { looped } = sift(polled, { ...ends, sourceTopic: topic, targetTopic: targetTopic(topic), partition })
    const known = new Set(looped.map(BigInt))
    return { ...stretch, records: records.filter(({ offset }) => !known.has(offset)) }
  }
