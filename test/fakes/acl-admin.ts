import { type AclBinding, bindingText } from '../../shared/domain/access/acl-binding.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { AclAdmin, AclList, PerRight } from '../../shared/usecases/access/access-ports.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'

export interface AclChange {
  readonly kind: 'create' | 'remove'
  readonly binding: AclBinding
}

/** The ACLs of one cluster in memory. The contract suite runs on it and on real brokers. */
export class FakeAclAdmin implements AclAdmin {
  readonly changes: AclChange[] = []
  authorizer = true
  reachable = true
  /** Told before each change of what is there. */
  watch: (change: AclChange) => void = () => undefined
  /** Whether the cluster refuses a change. */
  refuses: (change: AclChange) => boolean = () => false
  readonly #bindings = new Map<string, AclBinding>()
  readonly #side: 'SOURCE' | 'TARGET'

  constructor(side: 'source' | 'target') {
    this.#side = side === 'source' ? 'SOURCE' : 'TARGET'
  }

  get bindings(): readonly AclBinding[] {
    return [...this.#bindings.values()]
  }

  get texts(): readonly string[] {
    return [...this.#bindings.keys()].sort()
  }

  has(binding: AclBinding): boolean {
    return this.#bindings.has(bindingText(binding))
  }

  /** As somebody else does it. */
  put(...bindings: readonly AclBinding[]): void {
    for (const binding of bindings) this.#bindings.set(bindingText(binding), binding)
  }

  take(...bindings: readonly AclBinding[]): void {
    for (const binding of bindings) this.#bindings.delete(bindingText(binding))
  }

  async list(deadline: Deadline): Promise<AclList> {
    this.#reach(deadline)
    return this.authorizer ? { kind: 'listed', bindings: this.bindings } : { kind: 'no-authorizer' }
  }

  async create(bindings: readonly AclBinding[], deadline: Deadline): Promise<PerRight> {
    return this.#change('create', bindings, deadline)
  }

  async remove(bindings: readonly AclBinding[], deadline: Deadline): Promise<PerRight> {
    return this.#change('remove', bindings, deadline)
  }

  #change(kind: AclChange['kind'], bindings: readonly AclBinding[], deadline: Deadline): PerRight {
    this.#reach(deadline)
    return new Map(bindings.map((binding) => [bindingText(binding), this.#one({ kind, binding })]))
  }

  #one(change: AclChange): 'done' | ReplicationError {
    if (this.refuses(change)) return new ReplicationError('ACCESS_REFUSED', `${change.kind} of an ACL: INVALID_REQUEST`)
    const isEffective = this.has(change.binding) !== (change.kind === 'create')
    this.watch(change)
    if (change.kind === 'create') this.put(change.binding)
    else this.take(change.binding)
    if (isEffective) this.changes.push(change)
    return 'done'
  }

  #reach({ at, signal }: Deadline): void {
    if (this.reachable && !signal.aborted && Date.now() < at) return
    throw new ReplicationError(`${this.#side}_UNREACHABLE`, 'asking for ACLs: nobody answers')
  }
}
