import type { QuotaFacts, ScramNames } from '../../domain/access/access-facts.ts'
import type { AclBinding } from '../../domain/access/acl-binding.ts'
import type { QuotaChange } from '../../domain/access/client-quota.ts'
import type { OwnRight, RegisteredRight } from '../../domain/access/own-right.ts'
import type { ReplicationError } from '../../domain/errors.ts'
import type { Deadline } from '../ports.ts'

/** What became of each part of a request, by its text (`bindingText`, `quotaText`): one that was refused stops no other. */
export type PerRight = ReadonlyMap<string, 'done' | ReplicationError>

/** `no-authorizer`: the cluster lets everybody do everything, and has no rights to tell of. */
export type AclList =
  | { readonly kind: 'listed'; readonly bindings: readonly AclBinding[] }
  | { readonly kind: 'no-authorizer' }

/**
 * The ACLs of one cluster. A cluster shows a change a moment after it was made, and all of its brokers enforce changes in
 * the order in which they were made. Making what is there and removing what is not there are done without a word.
 *
 * Throws `ACCESS_DENIED` (names operation and principal), `SOURCE_UNREACHABLE` or `TARGET_UNREACHABLE`, `LOGIN_REFUSED`
 * or `CONFIG_INVALID` when no part has an answer; a change may then have been made all the same.
 */
export interface AclAdmin {
  list(deadline: Deadline): Promise<AclList>
  create(bindings: readonly AclBinding[], deadline: Deadline): Promise<PerRight>
  /** Exactly these: a prefix takes no literal with it. */
  remove(bindings: readonly AclBinding[], deadline: Deadline): Promise<PerRight>
}

/** The client quotas of one cluster. Throws as an `AclAdmin`. */
export interface QuotaAdmin {
  list(deadline: Deadline): Promise<QuotaFacts>
  /** Other quotas of the same holders are left alone; taking away what is not there is done without a word. */
  alter(changes: readonly QuotaChange[], deadline: Deadline): Promise<PerRight>
}

/** Who has a password on one cluster; never the passwords. */
export interface ScramUsers {
  /** What the login may not know is `untold`. Throws `…_UNREACHABLE`, `LOGIN_REFUSED` or `CONFIG_INVALID`. */
  known(among: readonly string[], deadline: Deadline): Promise<ScramNames>
}

/** The registry of what a link made on its target. Throws errors whose codes begin with `STATE_`. */
export interface AccessLedger {
  entries(deadline: Deadline): Promise<readonly RegisteredRight[]>
  /** Gives the right a new mark, also when it is registered already. */
  remember(right: OwnRight, deadline: Deadline): Promise<void>
  /** `moved`: somebody has made the right again since the entry was read, so that it stays registered. */
  forget(entry: RegisteredRight, deadline: Deadline): Promise<'forgotten' | 'moved'>
}
