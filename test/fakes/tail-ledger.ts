import type { TailPart } from '../../shared/domain/failover/stranded-tail.ts'
import { partitionName } from '../../shared/domain/record.ts'
import type { TailHistory, TailLedger } from '../../shared/usecases/failover/tail-ports.ts'

/** How far tails are settled, in memory. The contract suite runs on it and on DynamoDB. */
export class FakeTailLedger implements TailLedger, TailHistory {
  readonly #parts = new Map<string, Map<string, TailPart>>()

  async parts(execution: string): Promise<readonly TailPart[]> {
    return [...(this.#parts.get(execution) ?? new Map<string, TailPart>()).values()]
  }

  async executions(): Promise<ReadonlyMap<string, readonly TailPart[]>> {
    return new Map([...this.#parts].map(([execution, parts]) => [execution, [...parts.values()]]))
  }

  async save(execution: string, part: TailPart): Promise<'saved' | 'moved'> {
    const parts = this.#parts.get(execution) ?? new Map<string, TailPart>()
    this.#parts.set(execution, parts)
    const name = `${partitionName(part)} ${part.incarnation}`
    const there = parts.get(name)
    if (there !== undefined && (there.counted.to > part.counted.to || there.settledTo > part.settledTo)) return 'moved'
    parts.set(name, part)
    return 'saved'
  }
}
