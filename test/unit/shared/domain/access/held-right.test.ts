import { describe, expect, it } from 'vitest'
import type { AclOperation, AclResource } from '../../../../../shared/domain/access/acl-binding.ts'
import { grantedOnStandby, waitsForPromotion } from '../../../../../shared/domain/access/held-right.ts'
import { acl } from '../../../../support/acl-bindings.ts'

const OPERATIONS: readonly AclOperation[] = [
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
  'unknown',
]

const READS = ['read', 'describe', 'describe-configs'] as const

describe('what a standby grants', () => {
  it.each<[AclResource, readonly AclOperation[]]>([
    ['topic', READS],
    ['group', READS],
    ['transactional-id', ['describe']],
    ['cluster', []],
    ['unknown', []],
  ])('of %s: nothing but %j, and these instead of ALL', (resource, granted) => {
    for (const operation of OPERATIONS) {
      const binding = acl('User:app', operation, resource, 'x', { host: '10.0.0.1', pattern: 'prefixed' })
      const isGranted = granted.includes(operation)
      const instead = operation === 'all' ? granted.map((one) => ({ ...binding, operation: one })) : []
      expect(waitsForPromotion(binding)).toBe(!isGranted)
      expect(grantedOnStandby(binding)).toEqual(isGranted ? [binding] : instead)
    }
  })

  it.each(OPERATIONS)('every DENY, of %s too', (operation) => {
    const binding = acl('User:app', operation, 'topic', 'x', { permission: 'deny' })
    expect(waitsForPromotion(binding)).toBe(false)
    expect(grantedOnStandby(binding)).toEqual([binding])
  })
})
