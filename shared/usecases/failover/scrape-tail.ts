import { ReplicationError } from '../../domain/errors.ts'
import { isSettled, type TailPart } from '../../domain/failover/stranded-tail.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import type { RecordDeletion, TailLedger } from './tail-ports.ts'

export interface ScrapeDeps {
  /** Of the old active cluster, all that the link replicates. */
  readonly partitions: (deadline: Deadline) => Promise<readonly PartitionId[]>
  readonly reader: Pick<LogReader, 'edges'>
  readonly deletion: RecordDeletion
  readonly ledger: TailLedger
}

/**
 * Empties the replicated topics of the old active cluster, so that the link the other way fills them again from the beginning
 * of the new one. Every partition is tried; throws the first refusal.
 */
export const scrapeTail = async (
  execution: string,
  parts: readonly TailPart[],
  deadline: Deadline,
  { partitions, reader, deletion, ledger }: ScrapeDeps,
): Promise<void> => {
  const all = (await partitions(deadline)).filter(({ topic }) => topic !== HEARTBEAT_TOPIC)
  const edges = await reader.edges(all, deadline)
  const offsets = all.map(({ topic, partition }) => {
    const answer = edges.get(partitionName({ topic, partition }))
    if (answer instanceof ReplicationError) throw answer
    return { topic, partition, offset: answer?.end ?? 0n }
  })
  const answers = await deletion.deleteBelow(offsets, deadline)
  for (const answer of answers.values()) if (answer instanceof ReplicationError) throw answer
  await settleAll(execution, parts, deadline, ledger)
}

/** Nothing is left to do with it. */
export const settleAll = async (
  execution: string,
  parts: readonly TailPart[],
  deadline: Deadline,
  ledger: TailLedger,
): Promise<void> => {
  for (const part of parts)
    if (!isSettled(part)) await ledger.save(execution, { ...part, settledTo: part.to }, deadline)
}
