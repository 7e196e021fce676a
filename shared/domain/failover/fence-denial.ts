import { type AclBinding, EVERY_NAME, EVERYBODY } from '../access/acl-binding.ts'

/**
 * What keeps a principal from writing to any topic of a cluster: a DENY outweighs every ALLOW. Of a transaction that is open
 * when it comes nothing is added any more, but it may still be committed.
 */
export const fenceDenial = (principal: string): AclBinding => ({
  resource: 'topic',
  pattern: 'literal',
  name: EVERY_NAME,
  principal,
  host: '*',
  operation: 'write',
  permission: 'deny',
})

/** Why a fence of these principals must not be: it would bind whoever replicates, in the other direction, as well. */
export const bindsReplication = (principals: readonly string[], replicator: string): string | undefined => {
  if (principals.includes(EVERYBODY)) return `${EVERYBODY} is everybody, Twinshore's own login among them`
  if (principals.includes(replicator)) return `${replicator} is Twinshore's own login`
  return undefined
}
