import { describe, expect, it } from 'vitest'
import { commitGroup, consumerGroup, transactionalId } from '../../../../shared/domain/link-names.ts'
import { LIMITS } from '../../../../shared/domain/topology/topology-limits.ts'

const link = { installation: 'twinshore', name: 'west-east' }

describe('what a link is called in Kafka', () => {
  it('tells the group of commits from every group of a poller, of whatever installation', () => {
    const [first = ''] = commitGroup(link, 'orders').split('.')
    expect(first.length).toBeGreaterThan(LIMITS.installationName.max)
    expect(commitGroup(link, 'orders')).toBe(`${first}.${consumerGroup(link, 'orders')}`)
  })

  it('tells partitions apart, also of topics whose names end in numbers', () => {
    const ids = [
      transactionalId(link, 'orders', 11),
      transactionalId(link, 'orders.1', 1),
      transactionalId(link, 'orders', 1),
    ]
    expect(new Set(ids).size).toBe(3)
  })
})
