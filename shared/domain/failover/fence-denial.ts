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

const WRITES: readonly AclBinding['operation'][] = ['write', 'all']

/** Who may write to some topic and is not bound by a fence of these principals; super users are in no ACL. */
export const otherWriters = (acls: readonly AclBinding[], fenced: readonly string[]): readonly string[] => {
  const writers = acls.filter(
    ({ resource, operation, permission }) =>
      resource === 'topic' && permission === 'allow' && WRITES.includes(operation),
  )
  return [...new Set(writers.map(({ principal }) => principal))].filter((one) => !fenced.includes(one)).sort()
}

/** Why a fence of these principals must not be: it would bind whoever replicates, in the other direction, as well. */
export const bindsReplication = (principals: readonly string[], replicator: string): string | undefined => {
  if (principals.includes(EVERYBODY)) return `${EVERYBODY} is everybody, Twinshore's own login among them`
  if (principals.includes(replicator)) return `${replicator} is Twinshore's own login`
  return undefined
}
