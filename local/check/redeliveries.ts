import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import type { Happening, Observe } from '../poller/happening.ts'
import type { OffsetRange } from './alignment.ts'

/** What pollers delivered, and what of it they had delivered before: the only excuse for a copy. */
export class Redeliveries {
  /** By partition, the source offset up to which records were delivered. */
  readonly #delivered = new Map<string, bigint>()
  readonly #again = new Map<string, OffsetRange[]>()
  #succeeded = 0
  readonly #underWay = new Map<string, number>()

  /** Batches of one partition in invocations that succeeded; delivered twice they count twice. */
  get succeededBatches(): number {
    return this.#succeeded
  }

  /** Invocations for these topics that have not ended. */
  underWay(topics: readonly string[]): number {
    return topics.reduce((sum, topic) => sum + (this.#underWay.get(topic) ?? 0), 0)
  }

  of(partition: PartitionId): readonly OffsetRange[] {
    return this.#again.get(partitionName(partition)) ?? []
  }

  /** The topic begins a new life, with offsets of its own. */
  forget(topic: string): void {
    for (const names of [this.#delivered, this.#again])
      for (const name of [...names.keys()]) if (name.slice(0, name.lastIndexOf('-')) === topic) names.delete(name)
  }

  observer(topic: string): Observe {
    return (happening) => this.#hear(topic, happening)
  }

  #hear(topic: string, happening: Happening): void {
    if (happening.kind === 'delivered') {
      this.#count(topic, -1)
      if (happening.result === 'succeeded') this.#succeeded += happening.ranges.length
    }
    if (happening.kind !== 'delivering') return
    this.#count(topic, 1)
    for (const { partition, first, last } of happening.ranges)
      this.#note(partitionName({ topic, partition }), { from: BigInt(first), to: BigInt(last) + 1n })
  }

  #count(topic: string, change: number): void {
    this.#underWay.set(topic, this.underWay([topic]) + change)
  }

  #note(name: string, { from, to }: OffsetRange): void {
    const delivered = this.#delivered.get(name) ?? 0n
    const end = to < delivered ? to : delivered
    if (from < end) this.#again.set(name, [...(this.#again.get(name) ?? []), { from, to: end }])
    if (to > delivered) this.#delivered.set(name, to)
  }
}
