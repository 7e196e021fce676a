import type { PartitionId } from '../../shared/domain/record.ts'
import { PartitionQueue } from './partition-queue.ts'

/** A partition while it is assigned to one poller. */
export class AssignedPartition implements PartitionId {
  readonly topic: string
  readonly partition: number
  readonly queue: PartitionQueue
  /** The next offset to fetch; undefined until the group or the starting position has said it. */
  position: number | undefined
  /** A batch of it is being delivered: no other may be. */
  busy = false
  /** The group gave it to somebody else, or may have. */
  lost = false
  /** A batch of it could not be read. Nothing behind it may be delivered, so nothing more is fetched. */
  unreadable = false

  constructor(partition: PartitionId, position: number | undefined) {
    this.topic = partition.topic
    this.partition = partition.partition
    this.queue = new PartitionQueue(partition)
    this.position = position
  }
}
