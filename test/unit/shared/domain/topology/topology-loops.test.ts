import { describe, expect, it } from 'vitest'
import type { LinkInput, TopologyInput } from '../../../../../shared/domain/topology/topology.ts'
import { checkTopology, defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { east, link, valid, west } from './topology-example.ts'

const hub = { ...west, bootstrapServers: ['hub.example.org:9093'] }
const clusters = { west, east, hub }

type Between = readonly [source: 'west' | 'east' | 'hub', target: 'west' | 'east' | 'hub', changes: Partial<LinkInput>]

const linked = (...links: readonly Between[]): TopologyInput => ({
  clusters,
  links: links.map(([source, target, changes], index) => ({
    name: `${source}-${target}-${index}`,
    source,
    target,
    topics: [/.*/],
    naming: 'identity',
    ...changes,
  })),
})

const paths = (input: TopologyInput) => checkTopology(input).map(({ path }) => path)
const silent = { provenance: false } as const

describe('a circle of links', () => {
  it.each<[string, TopologyInput['links']]>([
    [
      'two links',
      [
        { ...link, naming: 'identity', ...silent },
        { ...link, source: 'east', target: 'west', naming: 'identity', ...silent },
      ],
    ],
    [
      'names that lead back',
      [
        { ...link, naming: 'copy.{topic}', topics: ['orders', 'copy.orders'], ...silent },
        { source: 'east', target: 'west', naming: 'identity', topics: ['copy.orders'], ...silent },
        { name: 'b', source: 'west', target: 'east', naming: 'identity', topics: ['copy.orders'], ...silent },
      ],
    ],
    [
      'one link that does not tell where records come from',
      [
        { ...link, naming: 'identity' },
        { ...link, source: 'east', target: 'west', naming: 'identity', ...silent },
      ],
    ],
  ])('is a mistake: %s', (_what, links) => {
    const circle = checkTopology({ ...valid, links }).filter(({ path }) => path.endsWith('.naming'))
    expect(circle).toHaveLength(1)
    expect(circle[0]).toMatchObject({
      reason: expect.stringContaining('would come back to it for ever'),
      remedy: expect.stringMatching(/'prefix'.*provenance/),
    })
  })

  it('is reported once for all of its topics', () => {
    const around = { topics: ['orders', 'payments'], ...silent }
    const mistakes = checkTopology(linked(['west', 'east', around], ['east', 'hub', around], ['hub', 'west', around]))
    expect(mistakes.map(({ reason }) => reason)).toEqual([
      'records of west/orders would come back to it for ever, by west-east-0, east-hub-1, hub-west-2',
    ])
  })

  it('is none when different topics go each way', () => {
    const back = { source: 'east', target: 'west', naming: 'identity', topics: ['other'] } as const
    expect(checkTopology({ ...valid, links: [{ ...link, naming: 'identity' }, back] })).toEqual([])
  })

  it.each<[string, Between, Between, readonly string[]]>([
    ['all there is', ['west', 'east', silent], ['east', 'west', silent], ['links[0].naming']],
    [
      'a pattern and a name that it matches',
      ['west', 'east', silent],
      ['east', 'west', { ...silent, topics: ['orders'] }],
      ['links[0].naming'],
    ],
    [
      'a pattern and a name that it does not match',
      ['west', 'east', { ...silent, topics: [/pay.*/] }],
      ['east', 'west', { ...silent, topics: ['orders'] }],
      [],
    ],
    [
      'patterns that begin with words that differ',
      ['west', 'east', { ...silent, topics: [/us\..*/] }],
      ['east', 'west', { ...silent, topics: [/eu\..*/] }],
      [],
    ],
    [
      'patterns of which one is part of the other',
      ['west', 'east', { ...silent, topics: [/us\..*/] }],
      ['east', 'west', { ...silent, topics: [/us\.ohio\..*/] }],
      ['links[0].naming'],
    ],
    [
      'all but what comes from there',
      ['west', 'east', { ...silent, topics: [/us\..*/] }],
      ['east', 'west', { ...silent, exclude: [/us\..*/] }],
      [],
    ],
    [
      'all but too little of what comes from there',
      ['west', 'east', { ...silent, topics: [/us\..*/] }],
      ['east', 'west', { ...silent, exclude: [/us\..*-tmp/] }],
      ['links[0].naming'],
    ],
    [
      'names that would grow for ever',
      ['west', 'east', { ...silent, naming: 'dr.{topic}' }],
      ['east', 'west', silent],
      ['links[0].naming'],
    ],
    ['names that carry their origin one way', ['west', 'east', silent], ['east', 'west', { naming: 'prefix' }], []],
    ['records that tell where they come from', ['west', 'east', {}], ['east', 'west', {}], []],
  ])('is found through patterns as far as they tell: %s', (_what, there, back, expected) => {
    expect(paths(linked(there, back))).toEqual(expected)
  })

  it('is found by ways that only some of its links are silent on', () => {
    const mistakes = paths(linked(['west', 'east', {}], ['east', 'hub', {}], ['hub', 'west', silent]))
    expect(mistakes).toEqual(['links[2].naming'])
  })

  it('is found beside a way that leads to it, and the search ends', () => {
    const silently = (source: 'west' | 'east' | 'hub', target: 'west' | 'east' | 'hub', changes: Partial<LinkInput>) =>
      [source, target, { ...silent, ...changes }] as const
    const aside = silently('west', 'east', { topics: ['orders', /us.*/] })
    const growing = [
      silently('east', 'hub', { naming: 'dr.{topic}' }),
      silently('hub', 'east', { naming: 'x.{topic}' }),
    ]
    expect(paths(linked(aside, ...growing)).filter((path) => path.endsWith('.naming'))).toEqual(['links[1].naming'])
  })
})

describe('provenance', () => {
  const provenance = (...links: readonly Between[]) =>
    defineTopology(linked(...links)).links.map((one) => one.provenance)

  it.each<[string, readonly Between[], readonly boolean[]]>([
    [
      'names that stay flow both ways',
      [
        ['west', 'east', {}],
        ['east', 'west', {}],
      ],
      [true, true],
    ],
    ['names that stay flow one way', [['west', 'east', {}]], [false]],
    [
      'a chain has no way back',
      [
        ['west', 'east', {}],
        ['east', 'hub', {}],
      ],
      [false, false],
    ],
    [
      'names carry their origin',
      [
        ['west', 'east', { naming: 'prefix' }],
        ['east', 'west', { naming: 'prefix' }],
      ],
      [false, false],
    ],
    [
      'a template says nothing of the source',
      [
        ['west', 'east', { naming: 'dr.{topic}' }],
        ['east', 'west', {}],
      ],
      [true, true],
    ],
    [
      'other topics go back',
      [
        ['west', 'east', { topics: ['a1'] }],
        ['east', 'west', { topics: ['b1'] }],
      ],
      [false, false],
    ],
    [
      'names carry their origin one way',
      [
        ['west', 'east', { naming: 'prefix' }],
        ['east', 'west', {}],
      ],
      [false, false],
    ],
    ['it is asked for', [['west', 'east', { provenance: true }]], [true]],
    [
      'a ring',
      [
        ['west', 'east', {}],
        ['east', 'hub', {}],
        ['hub', 'west', {}],
      ],
      [true, true, true],
    ],
  ])('by default is there exactly where records could come back unseen: %s', (_what, links, expected) => {
    expect(provenance(...links)).toEqual(expected)
  })
})

describe('a named topic that comes from where it would go', () => {
  it.each<[string, Between, Between, readonly string[]]>([
    [
      'by a name that stays',
      ['west', 'east', { topics: ['orders'] }],
      ['east', 'west', { topics: ['other', 'orders'], naming: 'prefix' }],
      ['links[1].topics[1]'],
    ],
    [
      'by a name that tells it',
      ['west', 'east', { topics: ['orders'], naming: 'prefix' }],
      ['east', 'west', { topics: ['west.orders'], naming: 'prefix' }],
      ['links[1].topics[0]'],
    ],
    [
      'but for its name, which no link made',
      ['west', 'east', { topics: ['orders'], naming: 'prefix' }],
      ['east', 'west', { topics: ['west.payments'], naming: 'prefix' }],
      [],
    ],
    [
      'with records that tell it themselves',
      ['west', 'east', { topics: ['orders'], provenance: true }],
      ['east', 'west', { topics: ['orders'], naming: 'prefix', provenance: true }],
      [],
    ],
    [
      'with records that only one side listens to',
      ['west', 'east', { topics: ['orders'], provenance: true }],
      ['east', 'west', { topics: ['orders'], naming: 'prefix', provenance: false }],
      ['links[1].topics[0]'],
    ],
  ])('is a mistake %s', (_what, there, back, expected) => {
    expect(paths(linked(there, back))).toEqual(expected)
  })
})

describe('replicas of two links', () => {
  it.each<[string, Between, Between, readonly string[]]>([
    ['a name and a pattern', ['west', 'hub', { topics: ['orders'] }], ['east', 'hub', {}], ['links[0].topics[0]']],
    [
      'a pattern that misses the name',
      ['west', 'hub', { topics: ['orders'] }],
      ['east', 'hub', { topics: [/pay.*/] }],
      [],
    ],
    ['two patterns', ['west', 'hub', {}], ['east', 'hub', {}], ['links[1].topics']],
    ['two patterns apart', ['west', 'hub', { topics: [/us-.*/] }], ['east', 'hub', { topics: [/eu-.*/] }], []],
    [
      'one pattern that excludes the other',
      ['west', 'hub', { topics: [/us-.*/] }],
      ['east', 'hub', { exclude: [/us-.*/] }],
      [],
    ],
    ['names that carry their origin', ['west', 'hub', { naming: 'prefix' }], ['east', 'hub', { naming: 'prefix' }], []],
    ['endings that differ', ['west', 'hub', { naming: '{topic}.w' }], ['east', 'hub', { naming: '{topic}.e' }], []],
    [
      'a prefix that a name has already',
      ['west', 'hub', { naming: 'prefix' }],
      ['east', 'hub', { topics: ['west.orders'] }],
      ['links[1].topics[0]'],
    ],
    ['other targets', ['west', 'hub', {}], ['west', 'east', {}], []],
  ])('never become one topic, as far as can be told: %s', (_what, one, other, expected) => {
    expect(paths(linked(one, other))).toEqual(expected)
  })
})
