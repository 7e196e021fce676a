import { describe, expect, it } from 'vitest'
import { parseFailoverOrder } from '../../../../../shared/config/failover-order.ts'
import { failoverOrder } from '../../../../../shared/domain/failover/failover-order.ts'
import type { Link, TopologyInput } from '../../../../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, link, valid } from '../topology/topology-example.ts'

const acl = { kind: 'acl', principals: ['User:shop'] } as const
const failover = { active: 'west', fence: { west: acl, east: { kind: 'none' } }, clients: { kind: 'none' } } as const
const input: TopologyInput = {
  ...valid,
  links: [
    { ...link, access: { principals: { 'User:shop': 'User:shop' } } },
    { ...link, source: 'east', target: 'west', syncGroups: false },
  ],
  pairs: [{ name: 'shop', clusters: ['west', 'east'], failover }],
}
const topology = defineTopology(input)
const [there, back] = topology.links as [Link, Link]

describe('what a failover knows', () => {
  it('is one direction of the pair, with the fence of the cluster that it leaves', () => {
    const order = failoverOrder(there, topology)
    expect(order).toMatchObject({
      ...{ installation: 'twinshore', pair: 'shop', active: 'west', fences: [acl], stillMs: 5_000 },
      from: { cluster: 'west', region: 'us-west-2', access: { login: { secret: 'kafka/west' } } },
      to: { cluster: 'east', region: 'eu-west-1' },
    })
    expect(failoverOrder(back, topology)).toMatchObject({
      ...{ from: { cluster: 'east' }, to: { cluster: 'west' }, fences: [{ kind: 'none' }] },
    })
  })

  it('names what both links have, and where; what does not follow has no function', () => {
    const { forward, reverse } = failoverOrder(there, topology)
    expect(forward).toMatchObject({
      table: { name: 'twinshore-west-east', region: 'eu-west-1' },
      functions: {
        region: 'eu-west-1',
        replicate: 'twinshore-west-east-replicate',
        measureLag: 'twinshore-west-east-measure-lag',
        syncTopics: 'twinshore-west-east-sync-topics',
        syncGroups: 'twinshore-west-east-sync-groups',
        syncAccess: 'twinshore-west-east-sync-access',
      },
      failover: {
        region: 'eu-west-1',
        machine: 'twinshore-west-east-failover',
        steps: 'twinshore-west-east-failover',
        fence: 'twinshore-west-east-fence',
      },
    })
    expect(reverse).toMatchObject({ table: { name: 'twinshore-east-west', region: 'us-west-2' } })
    expect(Object.keys(reverse?.functions ?? {})).toEqual(['region', 'replicate', 'measureLag', 'syncTopics'])
    expect(reverse?.order.link.initialMode).toBe('stopped')
  })

  it('tells of no way back where there is none', () => {
    const oneWay = defineTopology({ ...input, links: [link] })
    expect(failoverOrder(oneWay.links[0] as Link, oneWay)).not.toHaveProperty('reverse')
  })

  it('names the links besides the pair that use the cluster that it leaves', () => {
    const south = { ...east, bootstrapServers: ['south:9092'] }
    const others = (from: string, to: string) => {
      const more = { source: from, target: to, topics: ['orders'], naming: '{source}.{topic}' } as const
      const clusters = { ...valid.clusters, south }
      const written: TopologyInput = { ...input, clusters, links: [...input.links, more] }
      const wide = defineTopology(written)
      return failoverOrder(wide.links[0] as Link, wide).others
    }
    expect(others('west', 'south')).toEqual(['west-south'])
    expect(others('south', 'west')).toEqual(['south-west'])
    expect(others('east', 'south')).toEqual([])
    expect(failoverOrder(there, topology).others).toEqual([])
  })

  it('is nothing for links of a pair that does not fail over', () => {
    expect(() => failoverOrder(there, { ...topology, pairs: [] })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
})

describe('what the functions of a failover are built with', () => {
  const order = failoverOrder(there, topology)

  it('comes out as it went in', () => {
    expect(parseFailoverOrder(JSON.stringify(order))).toEqual(order)
  })

  it.each([
    ['nothing', undefined, /TWINSHORE_ORDER must be a JSON object/],
    ['no link', { ...order, forward: {} }, /forward\.order must be a JSON object/],
    ['no fences', { ...order, fences: undefined }, /fences must be a list, and is missing/],
    ['half a way back', { ...order, reverse: { order: {} } }, /reverse\.table must be/],
  ])('is refused: %s', (_what, wrong, message) => {
    expect(() => parseFailoverOrder(wrong === undefined ? wrong : JSON.stringify(wrong))).toThrow(message)
  })
})
