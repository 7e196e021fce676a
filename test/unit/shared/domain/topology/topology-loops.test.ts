import { describe, expect, it } from 'vitest'
import type { TopologyInput } from '../../../../../shared/domain/topology/topology.ts'
import { checkTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, link, valid, west } from './topology-example.ts'

describe('a circle of links', () => {
  it.each<[string, TopologyInput['links']]>([
    [
      'two links',
      [
        { ...link, naming: 'identity' },
        { ...link, source: 'east', target: 'west', naming: 'identity' },
      ],
    ],
    [
      'names that lead back',
      [
        { ...link, naming: 'copy.{topic}', topics: ['orders', 'copy.orders'] },
        { source: 'east', target: 'west', naming: 'identity', topics: ['copy.orders'] },
        { name: 'b', source: 'west', target: 'east', naming: 'identity', topics: ['copy.orders'] },
      ],
    ],
  ])('is a mistake: %s', (_what, links) => {
    const circle = checkTopology({ ...valid, links }).filter(({ path }) => path.endsWith('.naming'))
    expect(circle).toHaveLength(1)
    expect(circle[0]).toMatchObject({
      reason: expect.stringContaining('would come back to it for ever'),
      remedy: expect.stringContaining("'prefix'"),
    })
  })

  it('is reported once for all of its topics', () => {
    const hub = { ...west, bootstrapServers: ['hub.example.org:9093'] }
    const around = (source: string, target: string) =>
      ({ source, target, naming: 'identity', topics: ['orders', 'payments'] }) as const
    const mistakes = checkTopology({
      clusters: { west, east, hub },
      links: [around('west', 'east'), around('east', 'hub'), around('hub', 'west')],
    })
    expect(mistakes.map(({ reason }) => reason)).toEqual([
      'records of west/orders would come back to it for ever, by west-east, east-hub, hub-west',
    ])
  })

  it('is none when different topics go each way, or one name carries its origin', () => {
    const back = { source: 'east', target: 'west' } as const
    const identity = { ...link, naming: 'identity' } as const
    expect(checkTopology({ ...valid, links: [identity, { ...back, naming: 'identity', topics: ['other'] }] })).toEqual(
      [],
    )
    expect(checkTopology({ ...valid, links: [identity, { ...back, naming: 'prefix', topics: ['orders'] }] })).toEqual(
      [],
    )
  })
})
