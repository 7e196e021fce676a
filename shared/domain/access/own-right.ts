import { type AclBinding, bindingText } from './acl-binding.ts'
import { type QuotaName, quotaText } from './client-quota.ts'

/** Something on the target that a link made, and therefore may take away. */
export type OwnRight =
  | { readonly kind: 'acl'; readonly binding: AclBinding }
  | { readonly kind: 'quota'; readonly quota: QuotaName }

/** The same text for the same right, for as long as registries hold it. */
export const rightText = (right: OwnRight): string =>
  right.kind === 'acl' ? `acl ${bindingText(right.binding)}` : `quota ${quotaText(right.quota)}`

/** An entry of the registry. Every time that a right is made its mark is another one. */
export interface RegisteredRight {
  readonly right: OwnRight
  readonly mark: string
}
