import type { AclBinding, AclOperation, AclResource } from '../../shared/domain/access/acl-binding.ts'

/** An ALLOW from everywhere on one name, but for what `changes` says. */
export const acl = (
  principal: string,
  operation: AclOperation,
  resource: AclResource,
  name: string,
  changes: Partial<AclBinding> = {},
): AclBinding => ({
  principal,
  operation,
  resource,
  name,
  pattern: 'literal',
  host: '*',
  permission: 'allow',
  ...changes,
})
