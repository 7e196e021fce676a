import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { replicaName, replicaTemplate } from '../../../../shared/domain/topic-naming.ts'

describe('the name of a replica', () => {
  it.each([
    ['prefix', 'west.orders'],
    ['identity', 'orders'],
    ['{topic}.from-{source}', 'orders.from-west'],
    ['{topic}-{topic}', 'orders-orders'],
  ] as const)('with naming %s is %s', (naming, name) => {
    expect(replicaName(replicaTemplate(naming, 'west'), 'orders')).toBe(name)
  })

  it('tells topics apart, whatever they are called', () => {
    const topic = fc.string({ minLength: 1 })
    fc.assert(
      fc.property(topic, topic, fc.constantFrom('prefix', 'identity', 'a{topic}b' as const), (one, other, naming) => {
        const template = replicaTemplate(naming as 'prefix', 'west')
        expect(replicaName(template, one) === replicaName(template, other)).toBe(one === other)
      }),
    )
  })
})
