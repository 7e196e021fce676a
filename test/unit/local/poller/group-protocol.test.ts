import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assignRanges,
  decodeAssignment,
  decodeSubscription,
  divideTopic,
  encodeAssignment,
  encodeSubscription,
} from '../../../../local/poller/group-protocol.ts'

describe('the group protocol', () => {
  it('carries a subscription', () => {
    expect(decodeSubscription(encodeSubscription('grüße-orders'))).toEqual(['grüße-orders'])
  })

  it.each([[[]], [[0]], [[5, 3, 9]]])('carries the assignment %j of one topic', (partitions) => {
    const bytes = encodeAssignment('orders', partitions)
    expect(decodeAssignment('orders', bytes)).toEqual(partitions)
    expect(decodeAssignment('payments', bytes)).toEqual([])
  })

  it('takes an empty answer for no partitions', () => {
    expect(decodeAssignment('orders', Buffer.alloc(0))).toEqual([])
  })

  it('gives every partition to exactly one member, as evenly as can be, neighbours together', () => {
    const members = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(members, fc.integer({ min: 0, max: 50 }), (names, partitionCount) => {
        const assigned = [...assignRanges(names, partitionCount).values()]
        expect(assigned).toHaveLength(names.length)
        expect(assigned.flat()).toEqual(Array.from({ length: partitionCount }, (_, partition) => partition))
        const sizes = assigned.map(({ length }) => length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('divides a topic among the members that ask for it', () => {
    const members = [
      { memberId: 'b', metadata: encodeSubscription('orders') },
      { memberId: 'c', metadata: encodeSubscription('payments') },
      { memberId: 'a', metadata: encodeSubscription('orders') },
    ]
    const divided = divideTopic('orders', 3, members).map(({ memberId, assignment }) => [
      memberId,
      decodeAssignment('orders', assignment),
    ])
    expect(divided).toEqual([
      ['b', [2]],
      ['c', []],
      ['a', [0, 1]],
    ])
  })
})
