import { describe, expect, it } from 'vitest'
import { parseSyncOrder } from '../../../../shared/config/sync-order.ts'
import { syncOrder } from '../../../../shared/domain/topics/sync-order.ts'
import { defineTopology } from '../../../../shared/domain/topology/topology-check.ts'
import { east, link, valid, west } from '../domain/topology/topology-example.ts'

const topology = defineTopology({
  ...valid,
  clusters: { west: { ...west, clusterId: 'id-of-west' }, east },
  links: [link, { source: 'east', target: 'west', topics: [/us\..*/], exclude: [/us\.old/] }],
})
const order = syncOrder(topology.links[0] as never, topology)

describe('what a function for topics is built with', () => {
  it('comes out as it went in', () => {
    expect(parseSyncOrder(JSON.stringify(order))).toEqual(order)
  })

  it('has its link whole, and of every link where topics come from and go to, but no address or secret', () => {
    expect(order.link).toEqual(topology.links[0])
    expect(order.flows.map(({ source, target, patterns }) => [source, target, patterns])).toEqual([
      [{ name: 'west', clusterId: 'id-of-west' }, { name: 'east' }, []],
      [{ name: 'east' }, { name: 'west', clusterId: 'id-of-west' }, ['^(?:us\\..*)$']],
    ])
    expect(JSON.stringify(order.flows)).not.toMatch(/kafka\/|example\.org/)
  })

  it.each([
    ['nothing', undefined, /TWINSHORE_ORDER must be a JSON object/],
    ['no JSON', '{', /TWINSHORE_ORDER must be a JSON object/],
    ['a list', '[]', /TWINSHORE_ORDER must be a JSON object/],
    ['no link', '{"flows":[]}', /TWINSHORE_ORDER\.link must be a JSON object/],
    [
      'a link without a name',
      JSON.stringify({ ...order, link: { ...order.link, name: '' } }),
      /link\.name must be a text/,
    ],
    [
      'a link without a source',
      JSON.stringify({ ...order, link: { ...order.link, source: {} } }),
      /link\.source\.bootstrapServers must be a list of texts/,
    ],
  ])('is refused when it is %s', (_what, text, why) => {
    expect(() => parseSyncOrder(text)).toThrow(why)
    expect(() => parseSyncOrder(text)).toThrow(/^CONFIG_INVALID: reading what the function was built with/)
  })
})
