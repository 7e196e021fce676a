import { createHash } from 'node:crypto'
import type { AclBinding, AclOperation } from '../../domain/access/acl-binding.ts'
import type { QuotaName } from '../../domain/access/client-quota.ts'
import { type OwnRight, type RegisteredRight, rightText } from '../../domain/access/own-right.ts'
import type { ItemKey } from './item-keys.ts'
import { type Item, optional, StoredItem, text } from './stored-item.ts'

/** DynamoDB takes a sort key of 1,024 bytes; a principal alone may be longer. */
const LONGEST_KEY_BYTES = 1_000

const RESOURCES = ['topic', 'group', 'cluster', 'transactional-id', 'delegation-token', 'user'] as const
const PATTERNS = ['literal', 'prefixed'] as const
const PERMISSIONS = ['allow', 'deny'] as const
const OPERATIONS = [
  'all',
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'cluster-action',
  'describe-configs',
  'alter-configs',
  'idempotent-write',
  'create-tokens',
  'describe-tokens',
  'two-phase-commit',
] as const satisfies readonly AclOperation[]

export const rightKey = (registry: string, right: OwnRight): ItemKey => {
  const whole = rightText(right)
  const isShort = Buffer.byteLength(whole) <= LONGEST_KEY_BYTES
  return { pk: registry, sk: isShort ? whole : `${right.kind} #${createHash('sha256').update(whole).digest('hex')}` }
}

export const rightItem = (registry: string, { right, mark }: RegisteredRight): Item => {
  const { pk, sk } = rightKey(registry, right)
  return { pk: text(pk), sk: text(sk), kind: text(right.kind), mark: text(mark), ...attributesOf(right) }
}

const attributesOf = (right: OwnRight): Item => {
  if (right.kind === 'quota') {
    const { user, clientId, key } = right.quota
    return {
      ...optional('user', user === undefined ? undefined : text(user)),
      ...optional('clientId', clientId === undefined ? undefined : text(clientId)),
      key: text(key),
    }
  }
  const { resource, pattern, name, principal, host, operation, permission } = right.binding
  const words = { resource, pattern, name, principal, host, operation, permission }
  return Object.fromEntries(Object.entries(words).map(([attribute, word]) => [attribute, text(word)]))
}

export const parseRight = (item: Item): RegisteredRight => {
  const stored = new StoredItem(item)
  const kind = stored.oneOf('kind', ['acl', 'quota'])
  const right: OwnRight = kind === 'acl' ? { kind, binding: bindingOf(stored) } : { kind, quota: quotaOf(stored) }
  return { right, mark: stored.text('mark') }
}

const bindingOf = (stored: StoredItem): AclBinding => ({
  resource: stored.oneOf('resource', RESOURCES),
  pattern: stored.oneOf('pattern', PATTERNS),
  name: stored.text('name'),
  principal: stored.text('principal'),
  host: stored.text('host'),
  operation: stored.oneOf('operation', OPERATIONS),
  permission: stored.oneOf('permission', PERMISSIONS),
})

const quotaOf = (stored: StoredItem): QuotaName => ({
  ...(stored.has('user') && { user: stored.text('user') }),
  ...(stored.has('clientId') && { clientId: stored.text('clientId') }),
  key: stored.text('key'),
})
