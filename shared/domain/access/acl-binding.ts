/** What an ACL is about. `unknown`: a kind that came to Kafka after this was written. */
export type AclResource = 'topic' | 'group' | 'cluster' | 'transactional-id' | 'delegation-token' | 'user' | 'unknown'

export type AclOperation =
  | 'all'
  | 'read'
  | 'write'
  | 'create'
  | 'delete'
  | 'alter'
  | 'describe'
  | 'cluster-action'
  | 'describe-configs'
  | 'alter-configs'
  | 'idempotent-write'
  | 'create-tokens'
  | 'describe-tokens'
  | 'two-phase-commit'
  | 'unknown'

/** One ACL, as clusters keep it: two of them are the same when all of their parts are. */
export interface AclBinding {
  readonly resource: AclResource
  /** `prefixed`: every resource whose name begins with `name`; a literal `*` is every resource. */
  readonly pattern: 'literal' | 'prefixed' | 'unknown'
  readonly name: string
  /** As in `User:alice`. */
  readonly principal: string
  readonly host: string
  readonly operation: AclOperation
  readonly permission: 'allow' | 'deny' | 'unknown'
}

/** Kafka takes it for every principal that there is. */
export const EVERYBODY = 'User:*'

/** As a literal name: every resource of the kind. */
export const EVERY_NAME = '*'

/** The same text for the same ACL, for as long as registries hold it: parts may contain any character. */
export const bindingText = (binding: AclBinding): string => {
  const { permission, principal, host, operation, resource, pattern, name } = binding
  return JSON.stringify([permission, principal, host, operation, resource, pattern, name])
}

/** As Kafka's own tools write it. */
export const operationForPeople = (operation: AclOperation): string => operation.replaceAll('-', '_').toUpperCase()

/** For people: `User:app: ALLOW READ on topic orders`. */
export const bindingForPeople = (binding: AclBinding): string => {
  const { permission, principal, host, operation, resource, pattern, name } = binding
  const names = pattern === 'prefixed' ? `${name}… (prefixed)` : name
  const from = host === '*' ? '' : ` from ${host}`
  return `${principal}: ${permission.toUpperCase()} ${operationForPeople(operation)} on ${resource} ${names}${from}`
}
