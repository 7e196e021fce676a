import { ReplicationError } from '../../shared/domain/errors.ts'
import { type PartitionBatch, type PolledRecord, partitionName } from '../../shared/domain/record.ts'
import type { AppendOutcome, Deadline, TargetLog } from '../../shared/usecases/ports.ts'

/** What happens to the next append, once: before anything is written, or after `afterRecords` were. */
export interface TargetFault {
  readonly error: ReplicationError
  /** Records that are written before the fault. */
  readonly afterRecords: number
  /** Whether the target tells that they were written; `false` is an outcome that nobody knows. */
  readonly acknowledged: boolean
}

/** The target cluster in memory; the same contract suite runs on it and on real brokers. */
export class FakeTargetLog implements TargetLog {
  readonly logs = new Map<string, PolledRecord[]>()
  readonly faults: TargetFault[] = []
  appends = 0
  /** Records that the target refuses for good. */
  refuses: (record: PolledRecord) => boolean = () => false
  /** Records per record batch, so that a batch may come to several placements. */
  batchRecords = Number.POSITIVE_INFINITY
  id = 'target-cluster'

  createTopic(topic: string, partitions: number): void {
    for (let partition = 0; partition < partitions; partition++) this.logs.set(partitionName({ topic, partition }), [])
  }

  /** The records of a partition; throws when the partition was never created. */
  records(topic: string, partition: number): PolledRecord[] {
    const log = this.logs.get(partitionName({ topic, partition }))
    if (log === undefined) throw new Error(`${topic}-${partition} was never created on the fake target`)
    return log
  }

  /** A record of somebody else, which no run will cover. */
  writeForeign(topic: string, partition: number, record: PolledRecord): void {
    this.records(topic, partition).push(record)
  }

  async clusterId(): Promise<string> {
    return this.id
  }

  async append(batch: PartitionBatch, deadline: Deadline): Promise<AppendOutcome> {
    this.appends++
    const log = this.logs.get(partitionName(batch))
    if (log === undefined) return stopped([], this.#missing(batch))
    if (deadline.signal.aborted)
      return stopped([], new ReplicationError('DEADLINE_PASSED', `appending to ${partitionName(batch)}`))
    const refused = batch.records.findIndex((record) => this.refuses(record))
    const fault = this.faults.shift()
    const writable = refused === -1 ? batch.records.length : refused
    const written = batch.records.slice(0, Math.min(writable, fault?.afterRecords ?? writable))
    const target = BigInt(log.length)
    log.push(...written)
    if (fault !== undefined) return stopped(fault.acknowledged ? this.#placements(written, target) : [], fault.error)
    const placed = this.#placements(written, target)
    return refused === -1 ? { placed, bytes: bytesOf(written) } : this.#refusal(placed, written, batch, refused)
  }

  #placements(written: readonly PolledRecord[], target: bigint) {
    const size = Math.min(this.batchRecords, Math.max(written.length, 1))
    return Array.from({ length: Math.ceil(written.length / size) }, (_, index) => ({
      first: index * size,
      count: Math.min(size, written.length - index * size),
      target: target + BigInt(index * size),
    }))
  }

  #refusal(
    placed: AppendOutcome['placed'],
    written: readonly PolledRecord[],
    batch: PartitionBatch,
    refused: number,
  ): AppendOutcome {
    const where = `${partitionName(batch)}, source offset ${batch.records[refused]?.offset}`
    const error = new ReplicationError('RECORD_REFUSED', `appending to ${where}: the fake refuses it`)
    return { placed, bytes: bytesOf(written), stopped: { kind: 'refused', error } }
  }

  #missing({ topic, partition }: PartitionBatch): ReplicationError {
    const known = this.logs.has(partitionName({ topic, partition: 0 }))
    const doing = `appending to ${topic}-${partition}`
    return new ReplicationError(known ? 'TARGET_PARTITION_MISSING' : 'TARGET_TOPIC_UNKNOWN', doing)
  }
}

const bytesOf = (records: readonly PolledRecord[]): number =>
  records.reduce(
    (sum, { key, value }) => sum + Buffer.byteLength(key ?? '', 'base64') + Buffer.byteLength(value ?? '', 'base64'),
    0,
  )

const stopped = (placed: AppendOutcome['placed'], error: ReplicationError): AppendOutcome => ({
  placed,
  bytes: 0,
  stopped: { kind: 'failed', error },
})
