import { type OwnRight, type RegisteredRight, rightText } from '../../shared/domain/access/own-right.ts'
import type { AccessLedger } from '../../shared/usecases/access/access-ports.ts'

/** The registry of one link in memory. The contract suite runs on it and on DynamoDB. */
export class FakeAccessLedger implements AccessLedger {
  readonly #entries = new Map<string, RegisteredRight>()
  #marks = 0

  get texts(): readonly string[] {
    return [...this.#entries.keys()].sort()
  }

  has(right: OwnRight): boolean {
    return this.#entries.has(rightText(right))
  }

  async entries(): Promise<readonly RegisteredRight[]> {
    return [...this.#entries.values()]
  }

  async remember(right: OwnRight): Promise<void> {
    this.#entries.set(rightText(right), { right, mark: `mark ${this.#marks++}` })
  }

  async forget({ right, mark }: RegisteredRight): Promise<'forgotten' | 'moved'> {
    const entry = this.#entries.get(rightText(right))
    if (entry !== undefined && entry.mark !== mark) return 'moved'
    this.#entries.delete(rightText(right))
    return 'forgotten'
  }
}
