import {
  type AclBinding,
  type AclOperation,
  type AclResource,
  EVERYBODY,
} from '../../shared/domain/access/acl-binding.ts'

/** Something that somebody wants to do. */
export interface Attempt {
  readonly principal: string
  readonly operation: AclOperation
  readonly resource: AclResource
  readonly name: string
}

const concerns = (binding: AclBinding, { principal, operation, resource, name }: Attempt): boolean =>
  binding.resource === resource &&
  (binding.principal === principal || binding.principal === EVERYBODY) &&
  (binding.operation === operation || binding.operation === 'all') &&
  (binding.pattern === 'prefixed' ? name.startsWith(binding.name) : binding.name === '*' || binding.name === name)

/** As Kafka's authorizer decides it: one DENY outweighs every ALLOW, and what nobody mentions is refused. */
export const mayDo = (bindings: readonly AclBinding[], attempt: Attempt): boolean => {
  const concerned = bindings.filter((binding) => concerns(binding, attempt))
  return concerned.some(({ permission }) => permission === 'allow') && !concerned.some(isDeny)
}

const isDeny = ({ permission }: AclBinding): boolean => permission === 'deny'
