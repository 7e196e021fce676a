import type { ScramNames } from '../../shared/domain/access/access-facts.ts'
import type { ScramUsers } from '../../shared/usecases/access/access-ports.ts'

/** Who has a password on one cluster, in memory. */
export class FakeScramUsers implements ScramUsers {
  readonly users = new Set<string>()
  untold: string | undefined

  async known(among: readonly string[]): Promise<ScramNames> {
    if (this.untold !== undefined) return { kind: 'untold', because: this.untold }
    return { kind: 'told', users: new Set(among.filter((user) => this.users.has(user))) }
  }
}
