import { describe, expect, it } from 'vitest'
import { HEARTBEAT_TOPIC } from '../../../../../shared/domain/heartbeat/beat.ts'
import type { LinkInput, TopologyInput } from '../../../../../shared/domain/topology/topology.ts'
import { checkTopology, defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, west } from './topology-example.ts'

type Name = 'west' | 'east' | 'hub'
type Between = readonly [source: Name, target: Name, changes?: Partial<LinkInput>]

const hub = { ...west, bootstrapServers: ['hub.example.org:9093'] }
const linked = (...links: readonly Between[]): TopologyInput => ({
  clusters: { west, east, hub },
  links: links.map(([source, target, changes]) => ({ source, target, topics: ['orders'], ...changes })),
})
const beating = (input: TopologyInput) =>
  defineTopology(input).links.flatMap(({ name, heartbeats, topics }) => {
    expect(topics.includes(HEARTBEAT_TOPIC)).toBe(heartbeats)
    return heartbeats ? [name] : []
  })
const identity = { naming: 'identity' } as const
const silent = { ...identity, provenance: false } as const

describe('a link beats', () => {
  it('by default, and its beats are one of its topics', () => {
    const [link] = defineTopology(linked(['west', 'east'])).links
    expect(link?.topics).toEqual(['orders', HEARTBEAT_TOPIC])
  })

  it('not where it says so', () => {
    expect(beating(linked(['west', 'east', { heartbeats: false }]))).toEqual([])
  })

  it('into one topic, also when that is named', () => {
    const [link] = defineTopology(linked(['west', 'east', { topics: [HEARTBEAT_TOPIC] }])).links
    expect(link).toMatchObject({ topics: [HEARTBEAT_TOPIC], heartbeats: true })
  })

  it.each<[string, TopologyInput, readonly string[]]>([
    [
      'both ways, where names carry their origin',
      linked(['west', 'east'], ['east', 'west']),
      ['west-east', 'east-west'],
    ],
    ['to all targets', linked(['west', 'east'], ['west', 'hub']), ['west-east', 'west-hub']],
    [
      'to one target from many, where names carry their origin',
      linked(['west', 'hub', { naming: 'prefix' }], ['east', 'hub', { naming: 'prefix' }]),
      ['west-hub', 'east-hub'],
    ],
    [
      'from none to one target, where names are kept: their beats would meet',
      linked(['west', 'hub'], ['east', 'hub', { topics: ['bills'] }]),
      [],
    ],
    [
      'not to a target to which a pattern of another link brings a topic of that name',
      linked(['west', 'hub', { topics: [/twin.*/], heartbeats: false }], ['east', 'hub']),
      [],
    ],
    [
      'only to the end of a chain that keeps names: its middle beats itself',
      linked(['west', 'east'], ['east', 'hub']),
      ['east-hub'],
    ],
    [
      'both ways, where records tell where they come from',
      linked(['west', 'east', identity], ['east', 'west', identity]),
      ['west-east', 'east-west'],
    ],
    [
      'neither way, where names are kept and topics differ: beats are no reason for provenance',
      linked(['west', 'east', identity], ['east', 'west', { ...identity, topics: ['bills'] }]),
      [],
    ],
    [
      'one way, where a pattern of the other would bring its topic back',
      linked(
        ['west', 'east', { ...silent, topics: [/(orders|twin.*)/] }],
        ['east', 'west', { naming: 'prefix', topics: ['bills-'] }],
      ),
      ['west-east'],
    ],
    ['not where its topic is excluded', linked(['west', 'east', { topics: [/.*/], exclude: [/twin.*/] }]), []],
    ['not where nobody would make the replica', linked(['west', 'east', { syncTopics: false }]), []],
  ])('%s', (_what, input, expected) => {
    expect(beating(input)).toEqual(expected)
    for (const { provenance, name } of defineTopology(input).links)
      expect([name, provenance]).toEqual([name, _what.includes('tell where they come from')])
  })

  it('not where the records of only one of two links tell where they come from', () => {
    const input = linked(['west', 'east', { ...identity, provenance: true }], ['east', 'hub', identity])
    expect(beating(input)).toEqual(['east-hub'])
  })

  it('where it was asked to, with records that tell where they come from if names do not', () => {
    const asked = { ...identity, heartbeats: true } as const
    const input = linked(['west', 'east', asked], ['east', 'west', { ...asked, topics: ['bills'] }])
    expect(beating(input)).toHaveLength(2)
    expect(defineTopology(input).links.map(({ provenance }) => provenance)).toEqual([true, true])
  })
})

describe('beats that somebody wants', () => {
  const wanted = { heartbeats: true } as const

  it('are a mistake where the target beats into their replica', () => {
    const mistakes = checkTopology(linked(['west', 'east', { ...wanted, naming: 'identity' }], ['east', 'hub', wanted]))
    expect(mistakes.map(({ path }) => path)).toContain('links[0].heartbeats')
    expect(mistakes[0]?.reason).toMatch(/east/)
  })

  it('are a mistake where they would meet those of another link', () => {
    const [mistake] = checkTopology(linked(['west', 'hub', wanted], ['east', 'hub', { ...wanted, topics: ['bills'] }]))
    expect(mistake).toMatchObject({ path: 'links[1].heartbeats', reason: expect.stringContaining('so does west') })
  })

  it('are no topics by themselves, and count among them', () => {
    const paths = (topics: string[]) => checkTopology(linked(['west', 'east', { topics }])).map(({ path }) => path)
    expect(paths([])).toEqual(['links[0].topics'])
    expect(paths(Array.from({ length: 399 }, (_, at) => `orders-${at}`))).toEqual([])
    expect(paths(Array.from({ length: 400 }, (_, at) => `orders-${at}`))).toEqual(['links[0].topics'])
  })
})
