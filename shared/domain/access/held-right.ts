import type { AclBinding, AclOperation, AclResource } from './acl-binding.ts'

/**
 * What a standby lets principals do: nothing that writes, so that nobody writes to a replica before it is promoted. All
 * that is not here waits, also what Kafka learns to do after this was written.
 */
const ON_STANDBY: Readonly<Partial<Record<AclResource, readonly AclOperation[]>>> = {
  topic: ['read', 'describe', 'describe-configs'],
  group: ['read', 'describe', 'describe-configs'],
  'transactional-id': ['describe'],
}

const onStandby = ({ resource }: AclBinding): readonly AclOperation[] => ON_STANDBY[resource] ?? []

/** Whether the target must be active before anybody may have it. */
export const waitsForPromotion = (binding: AclBinding): boolean =>
  binding.permission === 'allow' && !onStandby(binding).includes(binding.operation)

/** What of a right is granted while the target is standby. */
export const grantedOnStandby = (binding: AclBinding): readonly AclBinding[] => {
  if (!waitsForPromotion(binding)) return [binding]
  return binding.operation === 'all' ? onStandby(binding).map((operation) => ({ ...binding, operation })) : []
}
