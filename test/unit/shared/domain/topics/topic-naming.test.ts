import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  carriesOrigin,
  keepsName,
  replicaName,
  replicaTemplate,
  sourceName,
} from '../../../../../shared/domain/topics/topic-naming.ts'

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

  it.each([
    ['prefix', 'west.orders', 'orders'],
    ['prefix', 'west.', undefined],
    ['prefix', 'east.orders', undefined],
    ['prefix', 'we', undefined],
    ['{topic}-{topic}', 'ab-ab', 'ab'],
    ['{topic}-{topic}', 'ab-ac', undefined],
    ['{topic}-{topic}', 'ab-a', undefined],
    ['x{topic}y', 'xy', undefined],
    ['x{topic}y', 'xay', 'a'],
  ] as const)('with naming %s and called %s is a replica of %s', (naming, replica, topic) => {
    expect(sourceName(replicaTemplate(naming, 'west'), replica)).toBe(topic)
  })

  it('leads back to its source, whatever that is called', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '.', '-', '$', '&'), maxLength: 4 })
    fc.assert(
      fc.property(
        text,
        text,
        fc.string({ minLength: 1, unit: fc.constantFrom('a', '.', '-', '$', '&') }),
        (before, after, topic) => {
          const template = replicaTemplate(`${before}{topic}${after}`, 'west')
          expect(sourceName(template, replicaName(template, topic))).toBe(topic)
        },
      ),
    )
  })

  it.each([
    ['prefix', { keeps: false, carries: true }],
    ['identity', { keeps: true, carries: false }],
    ['{topic}', { keeps: true, carries: false }],
    ['dr.{topic}', { keeps: false, carries: false }],
    ['{topic}.{source}', { keeps: false, carries: true }],
  ] as const)('with naming %s keeps its name or carries its origin: %j', (naming, { keeps, carries }) => {
    expect([keepsName(naming), carriesOrigin(naming)]).toEqual([keeps, carries])
  })
})
