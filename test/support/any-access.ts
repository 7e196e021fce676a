import fc from 'fast-check'
import type { AclBinding } from '../../shared/domain/access/acl-binding.ts'
import type { Naming } from '../../shared/domain/topology/topology.ts'

export const anyNaming = fc.constantFrom<Naming>('prefix', 'identity', 'dr-{topic}', '{topic}.dr')

const NAMES = ['orders', 'orders.eu', 'orders.new', 'ord', 'payments', '*']

/** Names and principals are few, so that ACLs meet each other. */
const anyBinding = (principals: readonly string[], names: readonly string[]): fc.Arbitrary<AclBinding> =>
  fc.record({
    resource: fc.constantFrom<AclBinding['resource']>(
      'topic',
      'topic',
      'topic',
      'group',
      'transactional-id',
      'cluster',
    ),
    pattern: fc.constantFrom<AclBinding['pattern']>('literal', 'literal', 'prefixed'),
    name: fc.constantFrom(...names),
    principal: fc.constantFrom(...principals),
    host: fc.constant('*'),
    operation: fc.constantFrom<AclBinding['operation']>('read', 'write', 'all', 'describe', 'delete'),
    permission: fc.constantFrom<AclBinding['permission']>('allow', 'allow', 'deny'),
  })

export const anySourceAcl = anyBinding(['User:app', 'User:job', 'User:*', 'User:stranger'], NAMES)

/** Of one principal about what may come to be, so that nearly all of them meet. */
export const anyAclOfNewTopic: fc.Arbitrary<AclBinding> = fc
  .tuple(
    anyBinding(['User:app', 'User:*'], ['orders.new', 'orders.new', 'ord', '*']),
    fc.constantFrom<AclBinding['operation']>('read', 'all'),
  )
  .map(([binding, operation]) => ({ ...binding, resource: 'topic', operation }))

export const anyTargetAcl = anyBinding(
  ['User:app-east', 'User:job', 'User:*', 'User:app'],
  [...NAMES, 'west.orders', 'west.', 'dr-orders', 'orders.dr'],
)

/** What happens between one pass and the next. */
export type AccessEvent =
  | { readonly kind: 'grant' | 'revoke'; readonly binding: AclBinding }
  | { readonly kind: 'somebody-adds' | 'somebody-removes'; readonly binding: AclBinding }
  | { readonly kind: 'replicate'; readonly topic: string }
  | { readonly kind: 'promote' | 'demote' | 'pass' }

export const anyAccessEvents: fc.Arbitrary<readonly AccessEvent[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('grant' as const, 'grant' as const, 'revoke' as const), binding: anySourceAcl }),
    fc.record({ kind: fc.constantFrom('somebody-adds' as const, 'somebody-removes' as const), binding: anyTargetAcl }),
    fc.record({ kind: fc.constant('replicate' as const), topic: fc.constantFrom('orders.new', 'payments') }),
    fc.record({ kind: fc.constantFrom('promote' as const, 'demote' as const, 'pass' as const, 'pass' as const) }),
  ),
  { maxLength: 40 },
)
