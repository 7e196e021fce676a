import type { AclBinding } from './acl-binding.ts'
import type { ClientQuota, QuotaName } from './client-quota.ts'
import type { RegisteredRight } from './own-right.ts'

/** One change of the target. Whatever is made is registered before, and whatever is taken away is forgotten after. */
export type AccessStep =
  | { readonly kind: 'grant'; readonly binding: AclBinding }
  /** Also when the target does not show it any more: it may have shown it too late. */
  | { readonly kind: 'revoke'; readonly binding: AclBinding; readonly entry: RegisteredRight; readonly isGone: boolean }
  | { readonly kind: 'set-quota'; readonly quota: ClientQuota }
  | { readonly kind: 'unset-quota'; readonly quota: QuotaName; readonly entry: RegisteredRight }
