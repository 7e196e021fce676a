import type { AclBinding } from '../../shared/domain/access/acl-binding.ts'
import type { ProbeVerdict } from '../../shared/domain/failover/probe-verdict.ts'
import type { WriteProbe } from '../../shared/usecases/failover/fence-ports.ts'
import { mayDo } from '../support/acl-judgement.ts'

/** The login of an application on a cluster whose ACLs decide. */
export class FakeWriteProbe implements WriteProbe {
  /** Whom no ACL binds. */
  isSuperUser = false
  unclear: string | undefined
  readonly #user: string
  readonly #cluster: { readonly bindings: readonly AclBinding[] }

  constructor(user: string, cluster: { readonly bindings: readonly AclBinding[] }) {
    this.#user = user
    this.#cluster = cluster
  }

  async principal(): Promise<string> {
    return this.#user
  }

  async ask(topics: readonly string[]): Promise<ReadonlyMap<string, ProbeVerdict>> {
    return new Map(topics.map((topic) => [topic, this.#verdict(topic)]))
  }

  #verdict(name: string): ProbeVerdict {
    if (this.unclear !== undefined) return { kind: 'unclear', because: this.unclear }
    const attempt = { principal: this.#user, operation: 'write', resource: 'topic', name } as const
    if (this.isSuperUser || mayDo(this.#cluster.bindings, attempt))
      return { kind: 'may-write', said: 'CORRUPT_MESSAGE' }
    return { kind: 'refused' }
  }
}
