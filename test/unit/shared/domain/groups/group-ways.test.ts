import { describe, expect, it } from 'vitest'
import { groupWays, type ReverseFacts, type WayFacts } from '../../../../../shared/domain/groups/group-ways.ts'
import type { TopicRecord } from '../../../../../shared/domain/topics/topic-record.ts'

const record = (targetTopic: string): TopicRecord => ({
  incarnation: '',
  targetTopic,
  paused: false,
  restarting: false,
})
const flow = { topics: [], patterns: [], exclude: [] }
const there = { ...flow, name: 'there', naming: 'prefix', source: { name: 'west' } } as const
const back = { ...flow, name: 'back', naming: 'prefix', source: { name: 'east' } } as const

const facts = (changes: Partial<WayFacts> = {}): WayFacts => ({
  link: there,
  topics: new Map([['orders', record('west.orders')]]),
  reverses: [{ link: back, topics: new Map([['local', record('east.local')]]) }],
  sourceLives: new Map(['orders', 'named', 'east.local', 'private'].map((topic) => [topic, `${topic} in west`])),
  targetLives: new Map(['west.orders', 'west.named', 'local'].map((topic) => [topic, `${topic} in east`])),
  ...changes,
})

describe('the ways of a topic of the source', () => {
  it('lead to its replica, by its own life', () => {
    const way = { direction: 'forward', link: 'there', topic: 'orders', targetTopic: 'west.orders', shared: false }
    expect(groupWays(facts())('orders')).toEqual({
      life: 'orders in west',
      ways: [{ ...way, incarnation: 'orders in west' }],
    })
  })

  it('lead back to what it is a replica of, by the life of that', () => {
    const way = { direction: 'back', link: 'back', topic: 'east.local', targetTopic: 'local', shared: false }
    expect(groupWays(facts())('east.local')).toEqual({
      life: 'east.local in west',
      ways: [{ ...way, incarnation: 'local in east' }],
    })
  })

  it('exist for topics that the link names, although nothing follows topics by itself', () => {
    const ways = groupWays(facts({ link: { ...there, topics: ['named'] } }))
    expect(ways('named')).toMatchObject({ ways: [{ targetTopic: 'west.named' }] })
    expect(ways('private')).toBeUndefined()
  })

  it('are shared where two lead to one topic', () => {
    const reverses: ReverseFacts[] = [{ link: back, topics: new Map([['west.orders', record('orders')]]) }]
    expect(groupWays(facts({ reverses }))('orders')).toMatchObject({
      ways: [
        { direction: 'forward', shared: true },
        { direction: 'back', shared: true, incarnation: 'west.orders in east' },
      ],
    })
  })

  it('are blocked where a cluster does not show the topic', () => {
    expect(groupWays(facts({ sourceLives: new Map() }))('orders')).toMatchObject({ blocked: 'unmapped' })
    expect(groupWays(facts({ targetLives: new Map() }))('orders')).toMatchObject({ blocked: 'unmapped' })
  })

  it('are unknown where records of the target come here by further clusters, unless a link the other way tells', () => {
    expect(groupWays(facts({ roundabout: true }))('orders')).toMatchObject({ blocked: 'unknown-way' })
    const reverses: ReverseFacts[] = [{ link: back, topics: new Map([['west.orders', record('orders')]]) }]
    expect(groupWays(facts({ reverses, roundabout: true }))('orders')).toMatchObject({ ways: [{}, {}] })
    expect(groupWays(facts({ roundabout: true }))('private')).toBeUndefined()
  })

  it('are unknown where a link the other way may have made the topic and cannot be asked', () => {
    const reverses = [{ link: { ...back, patterns: ['^local$'] } }]
    const ways = groupWays(facts({ reverses }))
    expect(ways('east.local')).toMatchObject({ blocked: 'unknown-way' })
    expect(ways('orders')).toMatchObject({ ways: [{ direction: 'forward' }] })
  })
})
