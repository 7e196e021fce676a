import { type PartitionId, partitionName } from '../../../shared/domain/record.ts'

/** A batch that a cluster has acknowledged. Times in milliseconds, of one clock that only goes forwards. */
export interface AcknowledgedBatch extends PartitionId {
  readonly cluster: string
  /** Of the pointer that was followed; absent: of who follows none. */
  readonly epoch?: number
  readonly ids: readonly string[]
  /** Of the first of them, there. */
  readonly offset: bigint
  readonly sentAt: number
  readonly acknowledgedAt: number
}

/** A batch that a cluster did not let in. */
export interface DeniedBatch {
  readonly cluster: string
  readonly at: number
}

/** The ledger of all producers of a pair. */
export class AcknowledgedWrites {
  readonly batches: AcknowledgedBatch[] = []
  readonly denied: DeniedBatch[] = []
  /** Sent, and never answered: they may be there, or not. */
  readonly doubtful = new Set<string>()

  get ids(): readonly string[] {
    return this.batches.flatMap(({ ids }) => ids)
  }

  on(cluster: string): number {
    return this.batches.reduce((records, { cluster: on, ids }) => records + (on === cluster ? ids.length : 0), 0)
  }

  /** Where each record lies that a cluster has acknowledged, as `placeOf` names it. */
  places(cluster: string): ReadonlyMap<string, string> {
    const ofCluster = this.batches.filter((batch) => batch.cluster === cluster)
    return new Map(
      ofCluster.flatMap((batch) => batch.ids.map((id, at) => [id, placeOf(batch, batch.offset + BigInt(at))] as const)),
    )
  }

  /** Batches that a cluster took although another one took some of a later epoch already: then both were written to at once. */
  get besides(): number {
    return this.batches.filter(({ cluster, epoch, acknowledgedAt }) =>
      this.batches.some(
        (later) => isAfter(later.epoch, epoch) && later.cluster !== cluster && later.sentAt < acknowledgedAt,
      ),
    ).length
  }

  /** Which clusters took what was written by who follows no pointer, one after the other. */
  get sides(): readonly string[] {
    const clusters = this.batches.filter(({ epoch }) => epoch === undefined).map(({ cluster }) => cluster)
    return clusters.filter((cluster, at) => cluster !== clusters[at - 1])
  }

  /** For how long nobody could write, at most. */
  get longestPauseMs(): number {
    const times = this.batches.map(({ acknowledgedAt }) => acknowledgedAt).sort((one, other) => one - other)
    return Math.round(Math.max(0, ...times.slice(1).map((time, before) => time - (times[before] ?? time))))
  }
}

const isAfter = (later: number | undefined, epoch: number | undefined): boolean =>
  later !== undefined && epoch !== undefined && later > epoch

/** A record by where it lies: topic, partition and offset. */
export const placeOf = (partition: PartitionId, offset: bigint): string => `${partitionName(partition)} ${offset}`
