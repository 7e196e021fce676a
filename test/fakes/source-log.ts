import { ReplicationError } from '../../shared/domain/errors.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import type { SourceLog, SourcePartition } from '../../shared/usecases/ports.ts'

/** What the source cluster would tell, in memory. */
export class FakeSourceLog implements SourceLog {
  readonly topics = new Map<string, { incarnation: string; partitions: number }>()
  readonly #logStarts = new Map<string, bigint>()
  reachable = true
  /** Of every partition: farther than any test delivers, unless a test says otherwise. */
  logEnd = 2n ** 62n
  asked = 0
  id = 'source-cluster'

  createTopic(topic: string, partitions: number, incarnation: string): void {
    this.topics.set(topic, { incarnation, partitions })
    for (let partition = 0; partition < partitions; partition++)
      this.#logStarts.delete(partitionName({ topic, partition }))
  }

  deleteRecordsBefore(partition: PartitionId, logStart: bigint): void {
    this.#logStarts.set(partitionName(partition), logStart)
  }

  async clusterId(): Promise<string> {
    if (!this.reachable) throw new ReplicationError('SOURCE_UNREACHABLE', 'asking for the cluster id')
    return this.id
  }

  async otherIncarnation(topic: string, incarnation: string): Promise<string | undefined> {
    const known = this.reachable ? this.topics.get(topic)?.incarnation : undefined
    return known === incarnation ? undefined : known
  }

  async describe({ topic, partition }: PartitionId): Promise<SourcePartition> {
    this.asked++
    const name = partitionName({ topic, partition })
    if (!this.reachable) throw new ReplicationError('SOURCE_UNREACHABLE', `describing ${name}`)
    const known = this.topics.get(topic)
    if (known === undefined || partition >= known.partitions) {
      throw new ReplicationError('SOURCE_TOPIC_UNKNOWN', `describing ${name}`)
    }
    const logStart = this.#logStarts.get(name) ?? 0n
    return { topic, partition, incarnation: known.incarnation, logStart, logEnd: this.logEnd }
  }
}
