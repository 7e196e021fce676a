import { describe, expect, it } from 'vitest'
import type { AccessFacts } from '../../../../../shared/domain/access/access-facts.ts'
import { type AclBinding, bindingForPeople, bindingText } from '../../../../../shared/domain/access/acl-binding.ts'
import { mapAcl } from '../../../../../shared/domain/access/acl-mapping.ts'
import { accessLink } from '../../../../support/access-world.ts'
import { acl } from '../../../../support/acl-bindings.ts'

type Naming = AccessFacts['link']['naming']

const REPLICATED = ['orders', 'orders.eu', 'payments']

const factsOf = (naming: Naming) => ({
  link: accessLink({ naming, patterns: ['^(?:orders.*|payments)$'] }),
  access: {
    principals: { 'User:app': 'User:app-east', 'User:job': 'User:job', 'User:two': 'User:job' },
    quotas: false,
  },
  replicas: new Map(REPLICATED.map((topic) => [topic, nameBy(naming, topic)])),
  fences: new Set<string>(),
  returning: new Set<string>(),
})

const nameBy = (naming: Naming, topic: string): string =>
  naming === 'prefix'
    ? `west.${topic}`
    : naming === 'identity'
      ? topic
      : naming.replace('{source}', 'west').replace('{topic}', topic)

/** The names on the target, or why there are none. */
const mapped = (binding: AclBinding, naming: Naming = 'prefix'): string | string[] => {
  const mapping = mapAcl(binding, factsOf(naming))
  return mapping.kind === 'left-out' ? mapping.leftOut.because : mapping.bindings.map(bindingForPeople)
}

const read = (name: string, changes: Partial<AclBinding> = {}): AclBinding =>
  acl('User:app', 'read', 'topic', name, changes)
const prefixed = { pattern: 'prefixed' } as const
const deny = { permission: 'deny' } as const

const named = (...names: string[]): string[] => names.map((name) => `User:app-east: ALLOW READ on topic ${name}`)
const denied = (...names: string[]): string[] => names.map((name) => `User:app-east: DENY READ on topic ${name}`)

describe('the name of a topic ACL on the target', () => {
  it.each<[Naming, string, AclBinding, string | string[]]>([
    ['prefix', 'one replica', read('orders'), named('west.orders')],
    ['prefix', 'no replica', read('other'), 'topic-not-replicated'],
    ['prefix', 'a prefix', read('ord', prefixed), named('west.ord… (prefixed)')],
    ['prefix', 'a prefix of no topic yet', read('zzz', prefixed), named('west.zzz… (prefixed)')],
    ['prefix', 'all topics', read('*'), named('west.… (prefixed)')],
    ['dr-{topic}', 'one replica', read('orders'), named('dr-orders')],
    ['dr-{topic}', 'a prefix', read('ord', prefixed), named('dr-orders', 'dr-orders.eu')],
    ['dr-{topic}', 'all topics', read('*'), named('dr-orders', 'dr-orders.eu', 'dr-payments')],
    ['dr.{source}_{topic}', 'a prefix', read('ord', prefixed), named('dr.west_ord… (prefixed)')],
    ['{source}-{topic}', 'all topics', read('*'), named('west-orders', 'west-orders.eu', 'west-payments')],
    ['identity', 'one replica', read('orders'), named('orders')],
    ['identity', 'no replica', read('other'), 'topic-not-replicated'],
    ['identity', 'a prefix', read('ord', prefixed), named('orders', 'orders.eu')],
    ['identity', 'a prefix of no topic yet', read('zzz', prefixed), 'no-replica-yet'],
    ['identity', 'all topics', read('*'), named('orders', 'orders.eu', 'payments')],
    ['{topic}.dr', 'a prefix', read('ord', prefixed), named('orders.dr', 'orders.eu.dr')],
    ['{topic}.dr', 'all topics', read('*'), named('orders.dr', 'orders.eu.dr', 'payments.dr')],
    ['a-{topic}-z', 'a prefix', read('pay', prefixed), named('a-payments-z')],
  ])('%s: %s', (naming, _what, binding, expected) => {
    expect(mapped(binding, naming)).toEqual(expected)
  })

  it.each<[Naming, string, AclBinding, string | string[]]>([
    ['prefix', 'a topic that is to come', read('orders.new', deny), denied('west.orders.new')],
    ['prefix', 'a topic that never comes', read('other', deny), 'topic-not-replicated'],
    ['identity', 'a topic that is to come', read('orders.new', deny), 'topic-not-replicated'],
    ['identity', 'a prefix', read('ord', { ...deny, ...prefixed }), denied('orders', 'orders.eu')],
  ])('of a DENY, %s: %s', (naming, _what, binding, expected) => {
    expect(mapped(binding, naming)).toEqual(expected)
  })
})

describe('an ACL of groups and transactional ids', () => {
  it.each<AclBinding>([
    acl('User:job', 'read', 'group', 'g'),
    acl('User:job', 'read', 'group', 'g', prefixed),
    acl('User:job', 'read', 'group', '*'),
    acl('User:job', 'write', 'transactional-id', 't', { host: '10.0.0.1' }),
    acl('User:job', 'all', 'transactional-id', '*', deny),
  ])('keeps its name, whatever topics are called', (binding) => {
    for (const naming of ['prefix', 'identity', '{topic}.dr'] as const)
      expect(mapped(binding, naming)).toEqual([bindingForPeople(binding)])
  })
})

describe('whose ACL it is on the target', () => {
  it.each<[string, AclBinding, string | string[]]>([
    ['nobody, who is not in the map', acl('User:x', 'read', 'group', 'g'), 'principal-unmapped'],
    ['nobody, for an ALLOW for everybody', acl('User:*', 'read', 'group', 'g'), 'everybody'],
    [
      'each who is in the map, for a DENY for everybody',
      acl('User:*', 'read', 'group', 'g', deny),
      ['User:app-east: DENY READ on group g', 'User:job: DENY READ on group g'],
    ],
    ['one, of two who are one there', acl('User:two', 'read', 'group', 'g'), ['User:job: ALLOW READ on group g']],
  ])('%s', (_who, binding, expected) => {
    expect(mapped(binding)).toEqual(expected)
  })

  it('is never everybody, whatever the map says', () => {
    const access = { principals: { 'User:app': 'User:*', 'User:*': 'User:*' }, quotas: false }
    for (const binding of [read('orders'), read('*'), acl('User:*', 'all', 'group', '*', deny)])
      expect(mapAcl(binding, { ...factsOf('prefix'), access }).kind).toBe('left-out')
  })

  it('takes no name of the language for a principal', () => {
    expect(mapped(acl('constructor', 'read', 'group', 'g'))).toBe('principal-unmapped')
  })
})

describe('an ACL that never follows', () => {
  it.each<[string, AclBinding]>([
    ['cluster-level', acl('User:app', 'all', 'cluster', 'kafka-cluster')],
    ['cluster-level', acl('User:app', 'idempotent-write', 'cluster', 'kafka-cluster')],
    ['cluster-level', acl('User:app', 'describe', 'delegation-token', 'token')],
    ['cluster-level', acl('User:app', 'create-tokens', 'user', 'User:other')],
    ['unknown-to-us', acl('User:app', 'unknown', 'topic', 'orders')],
    ['unknown-to-us', acl('User:app', 'read', 'unknown', 'orders')],
    ['unknown-to-us', read('orders', { pattern: 'unknown' })],
    ['unknown-to-us', read('orders', { permission: 'unknown' })],
  ])('%s', (because, binding) => {
    expect(mapped(binding)).toBe(because)
  })

  it.each(['fences', 'returning'] as const)('is one of the %s', (kind) => {
    const facts = { ...factsOf('prefix'), [kind]: new Set([bindingText(read('orders', deny))]) }
    expect(mapAcl(read('orders', deny), facts).kind).toBe('left-out')
    expect(mapAcl(read('orders'), facts).kind).toBe('mapped')
  })
})
