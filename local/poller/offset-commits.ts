import { setTimeout as pause } from 'node:timers/promises'
import type { GroupAnswer } from './group-member.ts'
import type { Settled } from './verdict.ts'

const RETRY_MS = 200

export interface CommitOwner {
  commit(offsets: ReadonlyMap<number, number>): Promise<GroupAnswer>
  committed(offsets: readonly Settled[]): void
  problem(error: unknown): void
}

/**
 * Offsets on their way to the group: one request at a time, the newest offset of each partition wins. While the group is
 * divided anew nothing is sent; what is still this member's afterwards goes out in its new generation.
 */
export class OffsetCommits {
  readonly #owner: CommitOwner
  readonly #pending = new Map<number, number>()
  #held = true
  #flushing: Promise<void> | undefined

  constructor(owner: CommitOwner) {
    this.#owner = owner
  }

  add(settled: readonly Settled[]): void {
    for (const { partition, offset } of settled) this.#pending.set(partition, offset)
    this.#flush()
  }

  /** The partition is another member's now: whoever reads it commits it. */
  forget(partition: number): void {
    this.#pending.delete(partition)
  }

  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    this.#flush()
  }

  /** Resolves when everything was sent that can be sent now. */
  async drained(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing
  }

  #flush(): void {
    if (this.#held || this.#pending.size === 0) return
    this.#flushing ??= this.#sendAll().finally(() => {
      this.#flushing = undefined
    })
  }

  async #sendAll(): Promise<void> {
    while (!this.#held && this.#pending.size > 0) {
      const sent = new Map(this.#pending)
      try {
        if ((await this.#owner.commit(sent)) === 'fine') this.#acknowledge(sent)
        else this.#held = true
      } catch (error) {
        this.#owner.problem(error)
        await pause(RETRY_MS)
      }
    }
  }

  #acknowledge(sent: ReadonlyMap<number, number>): void {
    for (const [partition, offset] of sent) {
      if (this.#pending.get(partition) === offset) this.#pending.delete(partition)
    }
    this.#owner.committed([...sent].map(([partition, offset]) => ({ partition, offset })))
  }
}
