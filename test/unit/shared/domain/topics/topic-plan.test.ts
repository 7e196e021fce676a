import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { planTopics, wantedTopics } from '../../../../../shared/domain/topics/topic-plan.ts'
import type { TopicRecord } from '../../../../../shared/domain/topics/topic-record.ts'
import { modelTopic, plannedLink } from '../../../../support/model-topic.ts'
import { DAY_MS, TopicWorld } from '../../../../support/topic-world.ts'

const FOR_EVER = '9223372036854775807'
const OF_A_REPLICA = {
  'message.timestamp.type': 'CreateTime',
  'message.timestamp.before.max.ms': FOR_EVER,
  'message.timestamp.after.max.ms': FOR_EVER,
}

const record = (changes: Partial<TopicRecord> = {}): TopicRecord => ({
  incarnation: 'life-1',
  targetTopic: 'west.orders',
  paused: false,
  restarting: false,
  ...changes,
})

/** One topic, replicated and consumed; nothing is left to do. */
const settled = (link = plannedLink()): TopicWorld => {
  const world = new TopicWorld(link)
  world.source.set('orders', modelTopic('life-1', 3, { 'retention.ms': '1000' }))
  world.target.set('west.orders', modelTopic('copy', 3, { 'retention.ms': '1000', ...OF_A_REPLICA }))
  world.ledger.set('orders', record())
  world.heads.set('orders', new Map([[0, 'life-1']]))
  world.addMapping('orders', 'Enabled', link.topics.includes('orders') ? 'stack' : 'run-time')
  return world
}

const kinds = (world: TopicWorld) => world.plan().steps.map(({ kind }) => kind)
const reasons = (world: TopicWorld) =>
  world.plan().notes.map(({ severity, because, about }) => [severity, because, about])

describe('a new topic', () => {
  it('is made whole, then remembered, then consumed', () => {
    const world = new TopicWorld()
    world.source.set('orders', modelTopic('life-1', 6, { 'retention.ms': '1000' }))
    expect(world.plan()).toEqual({
      kind: 'planned',
      steps: [
        {
          kind: 'create',
          topic: 'orders',
          newTopic: {
            topic: 'west.orders',
            partitions: 6,
            replicationFactor: 2,
            settings: new Map(Object.entries({ 'retention.ms': '1000', ...OF_A_REPLICA })),
          },
        },
        { kind: 'remember', topic: 'orders', from: undefined, to: record() },
        { kind: 'create-mapping', topic: 'orders', enabled: true },
      ],
      notes: [],
      leftOut: [],
    })
  })

  it.each([
    ['inherit', 2, []],
    [1, 1, []],
    [5, 3, [['warning', 'replication-capped', 'orders']]],
  ] as const)('with the rule %s has %i replicas among three brokers', (replicationFactor, replicas, notes) => {
    const world = new TopicWorld(plannedLink({ replicationFactor }))
    world.source.set('orders', modelTopic())
    expect(world.plan().steps[0]).toMatchObject({ kind: 'create', newTopic: { replicationFactor: replicas } })
    expect(reasons(world)).toEqual(notes)
  })

  it('is not made with guessed settings, and stops no other', () => {
    const world = new TopicWorld()
    world.source.set('orders', modelTopic())
    world.source.set('payments', modelTopic())
    const { described, settings } = world.facts().source
    const plan = planTopics(world.facts({ source: { described, settings: new Map([...settings].slice(1)) } }))
    expect(plan).toMatchObject({ notes: [{ severity: 'fault', because: 'settings-unknown', about: 'orders' }] })
    expect(plan.kind === 'planned' && new Set(plan.steps.map(({ topic }) => topic))).toEqual(new Set(['payments']))
  })

  it('gets no mapping of its own where the stack has one, and a word where the stack should', () => {
    const world = settled(plannedLink({ topics: ['orders'] }))
    expect(kinds(world)).toEqual([])
    world.mappings = []
    expect(kinds(world)).toEqual([])
    expect(reasons(world)).toEqual([['warning', 'mapping-missing', 'orders']])
  })
})

describe('a topic that is replicated', () => {
  it('needs nothing while both sides agree', () => {
    expect(settled().plan()).toEqual({ kind: 'planned', steps: [], notes: [], leftOut: [] })
  })

  it('grows with its source', () => {
    const world = settled()
    world.source.set('orders', modelTopic('life-1', 5, { 'retention.ms': '1000' }))
    expect(world.plan().steps).toEqual([{ kind: 'grow', topic: 'orders', targetTopic: 'west.orders', from: 3, to: 5 }])
  })

  it('with more partitions on the target is left as it is, with a warning', () => {
    const world = settled()
    world.target.set('west.orders', modelTopic('copy', 4, { 'retention.ms': '1000', ...OF_A_REPLICA }))
    expect(kinds(world)).toEqual([])
    expect(reasons(world)).toEqual([['warning', 'more-partitions', 'orders']])
  })

  it('is altered in what differs, and loses what the source no longer sets', () => {
    const world = settled()
    world.source.set('orders', modelTopic('life-1', 3, { 'max.message.bytes': '2000' }))
    expect(world.plan().steps).toEqual([
      {
        kind: 'alter',
        topic: 'orders',
        targetTopic: 'west.orders',
        changes: [{ name: 'max.message.bytes', value: '2000' }, { name: 'retention.ms' }],
      },
    ])
  })

  it('keeps the settings of its target where a side does not tell its own', () => {
    const world = settled()
    const { described } = world.facts().target
    const plan = planTopics(world.facts({ target: { described, settings: new Map() } }))
    expect(plan).toMatchObject({ steps: [], notes: [{ severity: 'warning', because: 'settings-unknown' }] })
  })

  it('is compacted only once its keyless past is behind, and keeps everything until then', () => {
    const world = new TopicWorld()
    world.source.set('orders', modelTopic('life-1', 3, { 'cleanup.policy': 'compact', 'retention.ms': '1000' }))
    world.settle()
    expect(reasons(world)).toEqual([['pending', 'compaction-waits', 'orders']])
    const value = (name: string) => world.target.get('west.orders')?.settings.get(name)?.value
    expect(['cleanup.policy', 'retention.ms', 'retention.bytes'].map(value)).toEqual(['delete', '-1', '-1'])
    world.keylessPastIsBehind.add('orders')
    world.settle()
    expect(reasons(world)).toEqual([])
    expect(['cleanup.policy', 'retention.ms', 'retention.bytes'].map(value)).toEqual(['compact', '1000', undefined])
  })

  it('is not consumed while its link or itself is paused, whatever passes meanwhile', () => {
    for (const pause of [
      (world: TopicWorld) => {
        world.paused = true
      },
      (world: TopicWorld) => world.ledger.set('orders', record({ paused: true })),
    ]) {
      const world = settled()
      pause(world)
      world.settle()
      expect(world.mappings.map(({ state }) => state)).toEqual(['Disabled'])
      expect(world.ledger.get('orders')?.incarnation).toBe('life-1')
    }
  })

  it('stands when it would be called otherwise, since its positions would not fit', () => {
    const world = settled(plannedLink({ naming: 'identity' }))
    expect(kinds(world)).toEqual(['disable-mapping'])
    expect(reasons(world)).toEqual([['fault', 'renamed', 'orders']])
    world.heads.clear()
    expect(kinds(world)).toEqual(['create', 'remember'])
  })
})

describe('a topic that was made again on the source', () => {
  const recreated = (onRecreate: 'append' | 'fault') => {
    const world = settled(plannedLink({ onRecreate }))
    world.source.set('orders', modelTopic('life-2', 3, { 'retention.ms': '1000' }))
    return world
  }

  it('begins anew once nothing consumes it, behind what is on the target', () => {
    const world = recreated('append')
    const seen: string[][] = []
    for (let pass = 0; pass < 4; pass++) {
      seen.push(kinds(world))
      world.apply(world.plan().steps)
      if (pass === 0) expect(kinds(world)).toEqual([])
      world.pass()
    }
    expect(seen).toEqual([
      ['hold-back', 'disable-mapping'],
      ['rewind-group', 'close-heads', 'remember', 'enable-mapping'],
      [],
      [],
    ])
    expect(world.heads.get('orders')?.size).toBe(0)
    expect(world.ledger.get('orders')).toEqual(record({ incarnation: 'life-2', earlier: 'life-1' }))
    expect(world.removed).toEqual([])
  })

  it('is told from its heads where the ledger never saw it', () => {
    const world = recreated('append')
    world.ledger.clear()
    expect(kinds(world)).toEqual(['hold-back', 'disable-mapping'])
    world.settle()
    expect(world.heads.get('orders')?.size).toBe(0)
  })

  it('stands where the link says fault, and is consumed by nothing', () => {
    const world = recreated('fault')
    world.settle()
    expect(reasons(world)).toEqual([['fault', 're-created', 'orders']])
    expect(world.mappings.map(({ state }) => state)).toEqual(['Disabled'])
    expect(world.heads.get('orders')).toEqual(new Map([[0, 'life-1']]))
    expect(world.ledger.get('orders')).toEqual(record())
  })
})

describe('a broker of the source that has missed the last creation', () => {
  const lag = (world: TopicWorld, incarnation: string, looks = 1): void => {
    const { incarnation: now = '' } = world.source.get('orders') ?? {}
    const show = (life: string) => world.source.set('orders', modelTopic(life, 3, { 'retention.ms': '1000' }))
    show(incarnation)
    for (let look = 0; look < looks; look++) {
      world.apply(world.plan().steps)
      world.pass()
    }
    show(now)
  }
  const inSecondLife = () => {
    const world = settled()
    world.source.set('orders', modelTopic('life-2', 3, { 'retention.ms': '1000' }))
    world.settle()
    world.heads.set('orders', new Map([[0, 'life-2']]))
    return world
  }

  it('begins no life that was left, however long it shows it and whatever is paused', () => {
    const world = inSecondLife()
    const before = world.ledger.get('orders')
    world.source.set('orders', modelTopic('life-1', 3, { 'retention.ms': '1000' }))
    expect(world.plan().steps).toEqual([])
    expect(reasons(world)).toEqual([['pending', 'source-lags', 'orders']])
    world.paused = true
    world.pass()
    expect(world.plan().steps).toEqual([])
    expect(world.ledger.get('orders')).toEqual(before)
  })

  it('begins no life with a single look, not even of a topic that nothing consumes', () => {
    const world = settled()
    world.paused = true
    world.settle()
    lag(world, 'a life between')
    expect(world.ledger.get('orders')).toMatchObject({ incarnation: 'life-1', restarting: true })
    world.paused = false
    world.settle()
    expect(world.ledger.get('orders')).toEqual(record())
    expect(world.heads.get('orders')).toEqual(new Map([[0, 'life-1']]))
    expect(world.mappings).toMatchObject([{ state: 'Enabled' }])
  })

  it('begins no life that it shows once, and another one the next time', () => {
    const world = settled()
    lag(world, 'life-2')
    world.pass()
    lag(world, 'life-3')
    expect(world.ledger.get('orders')).toMatchObject({ incarnation: 'life-1', next: 'life-3' })
    expect(world.heads.get('orders')).toEqual(new Map([[0, 'life-1']]))
  })

  it('costs a topic that it has not heard of nothing', () => {
    const world = settled(plannedLink({ onSourceDelete: { deleteAfterDays: 1 } }))
    world.source.set('other', modelTopic())
    world.settle()
    const orders = world.source.get('orders') ?? modelTopic()
    world.source.delete('orders')
    expect(kinds(world)).toEqual(['remember'])
    world.apply(world.plan().steps)
    world.source.set('orders', orders)
    world.settle()
    expect(world.ledger.get('orders')).toEqual(record())
    expect(world.mappings.find(({ topic }) => topic === 'orders')).toMatchObject({ id: 'mapping-0', state: 'Enabled' })
  })
})

describe('a topic that was deleted on the source', () => {
  const deleted = (deleteAfterDays?: number, changes: Parameters<typeof plannedLink>[0] = {}) => {
    const world = settled(
      plannedLink({ onSourceDelete: deleteAfterDays === undefined ? 'keep' : { deleteAfterDays }, ...changes }),
    )
    world.source.set('other', modelTopic())
    world.source.delete('orders')
    return world
  }

  it('keeps its replica and loses its mapping', () => {
    const world = deleted()
    world.settle(DAY_MS, 400)
    expect(world.target.has('west.orders')).toBe(true)
    expect(world.mappings.map(({ topic }) => topic)).toEqual(['other'])
    expect(reasons(world)).toEqual([['warning', 'source-deleted', 'orders']])
  })

  it('loses its replica after the days that the link says, to the millisecond, and once', () => {
    const world = deleted(2)
    const start = world.now
    world.apply(world.plan().steps)
    expect(reasons(world)).toEqual([['pending', 'source-deleted', 'orders']])
    world.pass(2 * DAY_MS - 1)
    expect(kinds(world)).not.toContain('remove')
    world.pass(1)
    expect(world.now - start).toBe(2 * DAY_MS)
    expect(kinds(world)).toContain('remove')
    world.settle()
    world.target.set('west.orders', modelTopic('made by somebody else'))
    world.settle(DAY_MS)
    expect(world.removed).toEqual(['west.orders'])
  })

  it.each<[string, (world: TopicWorld) => void]>([
    ['the link is paused', (world) => (world.paused = true)],
    ['the topic is paused', (world) => world.ledger.set('orders', record({ paused: true }))],
    ['applications write to it too', (world) => (world.link = { ...world.link, provenance: true })],
    ['the link excludes it by now', (world) => (world.link = { ...world.link, exclude: ['^orders$'] })],
    ['the source shows nothing at all', (world) => world.source.clear()],
  ])('keeps its replica while %s', (_what, change) => {
    const world = deleted(2)
    change(world)
    world.settle(DAY_MS)
    expect(world.removed).toEqual([])
  })

  it.each<[string, Partial<Parameters<typeof plannedLink>[0]>]>([
    ['stands, since it was made again', { onRecreate: 'fault' }],
    ['is left out', { exclude: ['^orders$'] }],
  ])('has all its days once more when it came back, and %s', (_how, changes) => {
    const world = deleted(2)
    world.settle(DAY_MS / 24)
    world.source.set('orders', modelTopic('life-2'))
    const { link } = world
    world.link = { ...link, ...changes }
    world.settle(DAY_MS)
    world.link = link
    world.source.delete('orders')
    world.apply(world.plan().steps)
    world.pass(2 * DAY_MS - 1)
    world.apply(world.plan().steps)
    expect(world.removed).toEqual([])
    world.pass(1)
    world.apply(world.plan().steps)
    expect(world.removed).toEqual(['west.orders'])
  })

  it('goes on where it was when it was only out of sight', () => {
    const world = deleted(30)
    world.settle()
    world.source.set('orders', modelTopic('life-1', 3, { 'retention.ms': '1000' }))
    world.settle()
    expect(world.ledger.get('orders')).toEqual(record())
    expect(world.heads.get('orders')).toEqual(new Map([[0, 'life-1']]))
    expect(world.mappings.filter(({ topic }) => topic === 'orders')).toMatchObject([{ state: 'Enabled' }])
  })

  it('begins anew when it comes back as another one, after its replica was removed too', () => {
    const world = deleted(1)
    world.settle(DAY_MS)
    expect(world.removed).toEqual(['west.orders'])
    world.source.set('orders', modelTopic('life-2'))
    expect(kinds(world)).toEqual(['hold-back', 'create'])
    world.apply(world.plan().steps)
    expect(kinds(world)).toEqual(['rewind-group', 'close-heads', 'remember', 'create-mapping'])
    world.settle()
    expect(world.ledger.get('orders')).toEqual(record({ incarnation: 'life-2', earlier: 'life-1' }))
  })
})

describe('a plan', () => {
  it.each([
    ['both ends report the same id', {}, 'id-of-west', 'are the same cluster'],
    ['an end is another cluster than was declared', { clusterId: 'other' }, 'id-of-east', 'the topology says other'],
  ])('is refused as a whole when %s', (_what, east, clusterId, detail) => {
    const world = settled(plannedLink({ target: { name: 'east', ...east } }))
    const target = { ...world.facts().target, described: { ...world.facts().target.described, clusterId } }
    expect(planTopics(world.facts({ target }))).toEqual({ kind: 'refused', detail: expect.stringContaining(detail) })
  })

  it('is made when both ends are the clusters that were declared', () => {
    const world = settled(
      plannedLink({
        source: { name: 'west', clusterId: 'id-of-west' },
        target: { name: 'east', clusterId: 'id-of-east' },
      }),
    )
    expect(world.plan().steps).toEqual([])
  })

  it('is refused when an end is a cluster that the topology has under another name', () => {
    const world = settled()
    const alias = plannedLink({ source: { name: 'north', clusterId: 'id-of-east' } })
    const plan = planTopics(world.facts({ flows: [world.link, alias] }))
    expect(plan).toEqual({ kind: 'refused', detail: expect.stringContaining('that of north') })
  })

  it('says what it leaves out and what it does not find', () => {
    const world = settled(plannedLink({ patterns: ['^(?:orders)$', '^(?:paiments\\..*)$'], topics: ['invoices'] }))
    world.source.set('__consumer_offsets', modelTopic())
    world.source.set('payments.eu', modelTopic())
    expect(reasons(world)).toEqual([
      ['warning', 'pattern-without-topic', '^(?:paiments\\..*)$'],
      ['warning', 'named-topic-missing', 'invoices'],
    ])
    expect(world.plan().leftOut).toMatchObject([
      { topic: '__consumer_offsets', because: 'internal' },
      { topic: 'payments.eu', because: 'not-included' },
    ])
  })

  it('removes a mapping of its own from a topic that is left out by now, and only switches off the one of the stack', () => {
    const world = settled(plannedLink({ exclude: ['^orders$'] }))
    world.addMapping('orders', 'Enabled', 'stack')
    expect(kinds(world)).toEqual(['disable-mapping', 'remove-mapping'])
    world.settle()
    expect(world.mappings).toMatchObject([{ madeBy: 'stack', state: 'Disabled' }])
    expect(world.target.has('west.orders')).toBe(true)
  })

  it('removes mappings of topics that nobody knows', () => {
    const world = settled()
    world.addMapping('gone', 'Enabled')
    world.addMapping('named before', 'Enabled', 'stack')
    expect(world.plan().steps).toEqual([{ kind: 'remove-mapping', topic: 'gone', id: 'mapping-1' }])
  })

  it('needs settings and heads of replicated topics only', () => {
    const world = settled()
    world.source.set('__consumer_offsets', modelTopic())
    expect(wantedTopics(world.facts())).toEqual(['orders'])
  })
})

describe('a topic that a cluster cannot describe now', () => {
  const hidden = (topic: string) =>
    new Map([[topic, new ReplicationError('SOURCE_UNREACHABLE', `describing ${topic}`)]])

  it('is taken for deleted by nobody, and keeps what it has', () => {
    const world = settled(plannedLink({ topics: ['named'], onSourceDelete: { deleteAfterDays: 1 } }))
    world.ledger.set('orders', record({ missingSince: 0 }))
    world.source.delete('orders')
    const { described, settings } = world.facts().source
    const source = { described: { ...described, undescribed: hidden('orders') }, settings }
    expect(planTopics(world.facts({ source }))).toMatchObject({
      steps: [],
      notes: [
        { severity: 'fault', because: 'undescribed', about: 'orders' },
        { because: 'named-topic-missing', about: 'named' },
      ],
    })
  })

  it('is not made a second time on the target, nor taken for removed', () => {
    const world = settled(plannedLink({ onSourceDelete: { deleteAfterDays: 1 } }))
    world.target.delete('west.orders')
    const { described, settings } = world.facts().target
    const target = { described: { ...described, undescribed: hidden('west.orders') }, settings }
    expect(planTopics(world.facts({ target }))).toMatchObject({
      steps: [],
      notes: [{ severity: 'fault', because: 'undescribed', about: 'orders' }],
    })
    world.ledger.set('orders', record({ missingSince: 0 }))
    world.source.set('other', modelTopic())
    world.source.delete('orders')
    const plan = planTopics(world.facts({ target }))
    expect(plan.kind === 'planned' && plan.steps.filter(({ topic }) => topic === 'orders')).toMatchObject([
      { kind: 'remove-mapping' },
    ])
  })
})

it('counts the brokers that other topics need too, since one may be restarting', () => {
  const world = new TopicWorld()
  world.source.set('orders', { ...modelTopic(), replicationFactor: 4 })
  world.target.set('elsewhere', { ...modelTopic(), replicationFactor: 4 })
  expect(world.plan().steps[0]).toMatchObject({ newTopic: { replicationFactor: 4 } })
})
