import type { OffsetRange } from '../../local/check/alignment.ts'
import type { Invoke } from '../../local/poller/invocations.ts'
import type { InvokeResult } from '../../local/poller/verdict.ts'
import { parseKafkaEvent } from '../../shared/adapters/lambda/kafka-event.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'

/** What the function was given, and what it answered, whoever invoked it and however often. */
export class DeliveryHistory {
  readonly results: InvokeResult[] = []
  readonly #delivered = new Map<string, bigint>()
  readonly #redelivered = new Map<string, OffsetRange[]>()
  readonly #largest = new Map<string, number>()
  #running = 0

  get running(): number {
    return this.#running
  }

  watch(invoke: Invoke): Invoke {
    return async (payload, options) => {
      this.#count(payload)
      this.#running++
      try {
        const result = await invoke(payload, options)
        this.results.push(result)
        return result
      } finally {
        this.#running--
      }
    }
  }

  /** Offsets that were delivered before, once for each time they came again. */
  redelivered(partition: PartitionId): readonly OffsetRange[] {
    return this.#redelivered.get(partitionName(partition)) ?? []
  }

  /** The most records of one partition that were ever in one batch. */
  largestBatch(partition: PartitionId): number {
    return this.#largest.get(partitionName(partition)) ?? 0
  }

  #count(payload: Buffer): void {
    for (const batch of parseKafkaEvent(JSON.parse(payload.toString('utf8'))).batches) {
      const name = partitionName(batch)
      const from = BigInt(batch.records[0].offset)
      const to = BigInt(batch.records.at(-1)?.offset ?? 0) + 1n
      const before = this.#delivered.get(name) ?? from
      if (from < before)
        this.#redelivered.set(name, [...this.redelivered(batch), { from, to: to < before ? to : before }])
      this.#delivered.set(name, to > before ? to : before)
      this.#largest.set(name, Math.max(this.largestBatch(batch), batch.records.length))
    }
  }
}
