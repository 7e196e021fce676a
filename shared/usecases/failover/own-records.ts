import { strandedRecord, withStrandedOrigin } from '../../domain/failover/stranded-header.ts'
import { sift } from '../../domain/provenance.ts'
import type { PolledRecord } from '../../domain/record.ts'
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
    const polled = records.map(strandedRecord)
    const { looped } = sift(polled, { ...ends, sourceTopic: topic, targetTopic: targetTopic(topic), partition })
    const known = new Set(looped.map(BigInt))
    return { ...stretch, records: records.filter(({ offset }) => !known.has(offset)) }
  }

/** The records of a stretch as they are appended late, with the name of the cluster that they were written on. */
export type LateRecords = (
  stretch: TailStretch,
  cluster: string,
  deadline: Deadline,
) => Promise<readonly PolledRecord[]>

export const lateRecords: LateRecords = async ({ records }, cluster) =>
  records.map((record) => withStrandedOrigin(strandedRecord(record), cluster))

/** As the link would have written them, so that the link the other way leaves them where they are. */
export const lateWithProvenance =
  ({ source, target, targetTopic }: ProvenanceDeps): LateRecords =>
  async ({ topic, partition, records }, cluster, deadline) => {
    if (records.length === 0) return []
    const ends = await clusterEnds({ source, target }, deadline)
    const hop = { ...ends, sourceTopic: topic, targetTopic: targetTopic(topic), partition }
    return sift(records.map(strandedRecord), hop, (record) => withStrandedOrigin(record, cluster)).onward
  }
