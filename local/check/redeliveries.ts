import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import type { Happening, Observe } from '../poller/happening.ts'
import type { OffsetRange } from './alignment.ts'

/** What pollers delivered, and what of it they had delivered before: the only excuse for a copy. */
export class Redeliveries {
  /** By partition, the source offset up to which records were delivered. */
  readonly #delivered = new Map<string, bigint>()
  readonly #again = new Map<string, OffsetRange[]>()
  #succeeded = 0
  #underWay = 0

  /** Batches of one partition in invocations that succeeded; delivered twice they count twice. */
  get succeededBatches(): number {
    return this.#succeeded
  }

  /** Invocations that have not ended. */
  get underWay(): number {
    return this.#underWay
  }

  of(partition: PartitionId): readonly OffsetRange[] {
    return this.#again.get(partitionName(partition)) ?? []
  }

  /** The topic begins a new life, with offsets of its own. */
  forget(topic: string): void {
    for (const names of [this.#delivered, this.#again])
      for (const name of [...names.keys()]) if (name.startsWith(`${topic}-`)) names.delete(name)
  }

  observer(topic: string): Observe {
    return (happening) => this.#hear(topic, happening)
  }

  #hear(topic: string, happening: Happening): void {
    if (happening.kind === 'delivered') {
      this.#underWay--
      if (happening.result === 'succeeded') this.#succeeded += happening.ranges.length
    }
    if (happening.kind !== 'delivering') return
    this.#underWay++
    for (const { partition, first, last } of happening.ranges)
      this.#note(partitionName({ topic, partition }), { from: BigInt(first), to: BigInt(last) + 1n })
  }

  #note(name: string, { from, to }: OffsetRange): void {
    const delivered = this.#delivered.get(name) ?? 0n
    const end = to < delivered ? to : delivered
    if (from < end) this.#again.set(name, [...(this.#again.get(name) ?? []), { from, to: end }])
    if (to > delivered) this.#delivered.set(name, to)
  }
}
