import { ReplicationError } from '../../shared/domain/errors.ts'
import type { PartitionId, PolledRecord } from '../../shared/domain/record.ts'
import type { Quarantine, QuarantinedRecord } from '../../shared/usecases/ports.ts'

/** The quarantine bucket in memory. */
export class FakeQuarantine implements Quarantine {
  readonly kept = new Map<string, QuarantinedRecord>()
  reachable = true

  async keep(
    { topic, partition }: PartitionId,
    incarnation: string,
    record: PolledRecord,
    reason: string,
  ): Promise<string> {
    if (!this.reachable) throw new ReplicationError('QUARANTINE_UNREACHABLE', `keeping offset ${record.offset}`)
    const key = `${topic}/${partition}/${incarnation}/${record.offset}`
    this.kept.set(key, { topic, partition, incarnation, reason, record })
    return key
  }

  async fetch(storedAt: string): Promise<QuarantinedRecord> {
    const record = this.kept.get(storedAt)
    if (record === undefined)
      throw new ReplicationError('QUARANTINE_UNREACHABLE', `reading ${storedAt}: it is not there`)
    return record
  }
}
