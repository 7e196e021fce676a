import type { GroupPositions } from '../../shared/usecases/topics/topic-ports.ts'

/** Consumer groups of a source in memory; whether anybody is in one is not known here. */
export class FakeGroupPositions implements GroupPositions {
  /** By group, then by partition of the topic, as in `orders-0`. */
  readonly positions = new Map<string, Map<string, bigint>>()

  async rewind(group: string, topic: string, offsets: ReadonlyMap<number, bigint>): Promise<void> {
    const known = this.positions.get(group) ?? new Map<string, bigint>()
    for (const [partition, offset] of offsets) known.set(`${topic}-${partition}`, offset)
    this.positions.set(group, known)
  }
}
