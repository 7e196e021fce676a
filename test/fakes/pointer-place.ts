import { ReplicationError } from '../../shared/domain/errors.ts'
import { type ClientPointer, parsePointer, pointerText } from '../../shared/domain/failover/client-pointer.ts'
import type { PointerPlace, StoredPointer } from '../../shared/usecases/failover/fence-ports.ts'

/** A parameter in memory, with all of its versions. */
export class FakePointerPlace implements PointerPlace {
  readonly name: string
  readonly versions: string[] = []
  reachable = true
  /** Told before a write comes about: where somebody else writes in between. */
  before: () => Promise<void> = async () => undefined

  constructor(name = 'active in us-east-2') {
    this.name = name
  }

  get pointer(): ClientPointer | undefined {
    return parsePointer(this.versions.at(-1) ?? '')
  }

  async read(_deadline: unknown, version?: number): Promise<StoredPointer | undefined> {
    this.#reach()
    const at = version ?? this.versions.length
    const text = this.versions[at - 1]
    if (text === undefined) return undefined
    const pointer = parsePointer(text)
    return { version: at, ...(pointer !== undefined && { pointer }) }
  }

  async write(pointer: ClientPointer): Promise<number> {
    this.#reach()
    const { before } = this
    this.before = async () => undefined
    await before()
    return this.versions.push(pointerText(pointer))
  }

  #reach(): void {
    if (!this.reachable) throw new ReplicationError('POINTER_UNREACHABLE', `reaching ${this.name}: nobody answers`)
  }
}
