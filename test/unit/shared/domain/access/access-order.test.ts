import { describe, expect, it } from 'vitest'
import { parseAccessOrder } from '../../../../../shared/config/access-order.ts'
import { accessOrder } from '../../../../../shared/domain/access/access-order.ts'
import type { LinkInput, Topology } from '../../../../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'

const access = { principals: { 'User:app': 'User:app' } }

/** Links as `a-b`; with a `!` no rights follow on them. */
const topologyOf = (...links: readonly string[]): Topology => {
  const cluster = (name: string) => ({
    kind: 'self-managed' as const,
    region: 'eu-west-1',
    bootstrapServers: [`${name}.example.com:9096`],
    login: { kind: 'scram-sha-512' as const, secret: `${name}/login` },
  })
  return defineTopology({
    clusters: { a: cluster('a'), b: cluster('b'), c: cluster('c'), d: cluster('d') },
    links: links.map((link): LinkInput<'a' | 'b' | 'c' | 'd'> => {
      const [source, target] = link.split(/[-!]/) as ['a', 'b']
      return { source, target, topics: ['orders'], naming: 'prefix', ...(link.includes('!') ? {} : { access }) }
    }),
  })
}

const returningTo = (topology: Topology, name: string): readonly string[] => {
  const link = topology.links.find((one) => one.name === name)
  if (link === undefined) throw new Error(`no link ${name}`)
  return accessOrder(link, topology).returning.map((place) => place.link)
}

describe('the order of the rights of a link', () => {
  it.each<[string, readonly string[], string, readonly string[]]>([
    ['a link alone', ['a-b'], 'a-b', []],
    ['two that follow each other', ['a-b', 'b-a'], 'a-b', ['b-a']],
    ['two, one of them without rights', ['a-b', 'b!a'], 'a-b', []],
    ['a chain, in which rights travel on', ['a-b', 'b-c'], 'b-c', []],
    ['a ring', ['a-b', 'b-c', 'c-a'], 'a-b', ['c-a']],
    ['others that do not come from our target', ['a-b', 'b-a', 'd-a', 'b-c'], 'a-b', ['b-a']],
  ])('%s', (_what, links, link, expected) => {
    expect(returningTo(topologyOf(...links), link)).toEqual(expected)
  })

  it('says where the registries are', () => {
    const topology = topologyOf('a-b', 'b-a')
    const [link] = topology.links
    if (link === undefined) throw new Error('no link')
    expect(accessOrder(link, topology)).toEqual({
      link,
      access: { ...access, quotas: false },
      returning: [{ link: 'b-a', table: 'twinshore-b-a', region: 'eu-west-1' }],
      fenced: [],
    })
  })

  it('names whom a failover denies to write to the source', () => {
    const topology = topologyOf('a-b', 'b-a')
    const [link] = topology.links
    const fences = { a: [{ kind: 'acl', principals: ['User:shop'] }, { kind: 'none' }], b: [{ kind: 'none' }] } as const
    const pairs = topology.pairs.map((pair) => ({ ...pair, failover: { fences } }))
    if (link === undefined) throw new Error('no link')
    const pair = { name: 'p', clusters: ['a', 'b'] as const, links: [link], failover: { fences } }
    expect(accessOrder(link, { ...topology, pairs: [...pairs, pair] as never }).fenced).toEqual(['User:shop'])
  })

  it('is none for a link on which no rights follow', () => {
    const topology = topologyOf('a!b')
    const [link] = topology.links
    if (link === undefined) throw new Error('no link')
    expect(() => accessOrder(link, topology)).toThrow(/CONFIG_INVALID.*a-b/)
  })

  it('comes back as it was built into the function', () => {
    const topology = topologyOf('a-b', 'b-a')
    const [link] = topology.links
    if (link === undefined) throw new Error('no link')
    const order = accessOrder(link, topology)
    expect(parseAccessOrder(JSON.stringify(order))).toEqual(order)
  })

  it.each([[undefined], ['{'], ['{}'], [JSON.stringify({ link: {}, access: { quotas: 'yes' } })]])(
    'is refused when it is %s',
    (text) => {
      expect(() => parseAccessOrder(text)).toThrow(/CONFIG_INVALID: .*TWINSHORE_ORDER/)
    },
  )
})
