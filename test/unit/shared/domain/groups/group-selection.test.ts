import { describe, expect, it } from 'vitest'
import { groupOrder } from '../../../../../shared/domain/groups/group-order.ts'
import { groupSelection } from '../../../../../shared/domain/groups/group-selection.ts'
import { anchored } from '../../../../../shared/domain/topics/name-pattern.ts'
import { defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, link, mskWest, valid, west } from '../topology/topology-example.ts'

const verdict = (group: string, groups: RegExp = /.*/, excludeGroups: readonly RegExp[] = [], kind = 'classic') => {
  const choice = { installation: 'mine', groups: [anchored(groups)], excludeGroups: excludeGroups.map(anchored) }
  const listed = { group, life: 'empty' as const, kind: kind as 'classic' }
  return groupSelection(choice, ['west-east', 'east-west'])(listed)?.because
}

describe('which groups a link moves', () => {
  it.each([
    ['billing', undefined],
    ['mine.west-east.orders', 'twinshore'],
    ['mine.east-west.orders', 'twinshore'],
    ['mine.west-east', undefined],
    ['mine.north-east.orders', undefined],
    ['twinshore-commits.mine.west-east.orders', 'twinshore'],
    ['twinshore-commits-of-nobody', undefined],
    ['__amazon_msk_canary', 'internal'],
    ['_schemas', undefined],
    ['console-consumer-123', 'console'],
    ['console-consumers', undefined],
  ])('%s: left out as %s', (group, because) => {
    expect(verdict(group)).toBe(because)
  })

  it('takes only what the patterns match as a whole, and what is excluded wins', () => {
    expect(verdict('billing', /bill/)).toBe('not-included')
    expect(verdict('billing', /bill.*/)).toBeUndefined()
    expect(verdict('billing', /bill.*/, [/.*ing/])).toBe('excluded')
  })

  it('takes groups of every kind that has positions', () => {
    expect(['classic', 'consumer', 'streams', 'share'].map((kind) => verdict('billing', /.*/, [], kind))).toEqual([
      undefined,
      undefined,
      undefined,
      'share',
    ])
  })
})

describe('what the function for groups is built with', () => {
  it('is the link, those that lead back, and the names of all', () => {
    const topology = defineTopology({
      ...valid,
      links: [
        { ...link, naming: 'prefix' },
        { source: 'east', target: 'west', topics: ['orders'], naming: 'prefix' },
        { source: 'east', target: 'west', topics: ['payments'], naming: 'prefix', name: 'second' },
      ],
    })
    const orders = topology.links.map((one) => groupOrder(one, topology))
    expect(orders.map(({ link: { name }, reverses }) => [name, reverses.map((reverse) => reverse.name)])).toEqual([
      ['west-east', ['east-west', 'second']],
      ['east-west', ['west-east']],
      ['second', ['west-east']],
    ])
    expect(orders[0]?.linkNames).toEqual(['west-east', 'east-west', 'second'])
    expect(orders.map(({ roundabout }) => roundabout)).toEqual([false, false, false])
  })

  it.each([
    ['of three clusters that keep names', 'identity', ['west east', 'east third', 'third west'], [true, true, true]],
    ['of two clusters', 'identity', ['west east', 'east west', 'east third'], [false, false, false]],
    ['of three clusters whose names tell', 'prefix', ['west east', 'east third', 'third west'], [false, false, false]],
  ] as const)('says whether records come round, as in a circle %s', (_circle, naming, ways, expected) => {
    const third = { ...east, bootstrapServers: ['third.example.org:9093'] }
    const topology = defineTopology({
      clusters: { west: { ...west, ...(mskWest.network && { network: mskWest.network }) }, east, third },
      links: ways.map((way) => {
        const [source, target] = way.split(' ') as ['west', 'east']
        return { source, target, topics: ['orders'], naming }
      }),
    })
    expect(topology.links.map((one) => groupOrder(one, topology).roundabout)).toEqual(expected)
  })
})
