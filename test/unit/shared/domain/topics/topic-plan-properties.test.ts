import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LinkMapping } from '../../../../../shared/domain/topics/mapping-plan.ts'
import { inclusionOf } from '../../../../../shared/domain/topics/topic-inclusion.ts'
import type { TopicRecord } from '../../../../../shared/domain/topics/topic-record.ts'
import type { TopicStep } from '../../../../../shared/domain/topics/topic-step.ts'
import { modelTopic, plannedLink } from '../../../../support/model-topic.ts'
import { DAY_MS, TopicWorld } from '../../../../support/topic-world.ts'

const TOPICS = ['orders', 'payments', 'logs-tmp', 'west.orders', 'state-internal', '__consumer_offsets']
const LIVES = ['life-1', 'life-2'] as const

const values = fc.record(
  {
    'retention.ms': fc.constantFrom('1000', '2000'),
    'cleanup.policy': fc.constantFrom('delete', 'compact', 'compact,delete'),
    'min.insync.replicas': fc.constant('2'),
  },
  { requiredKeys: [] },
)

const topic = fc
  .tuple(fc.constantFrom(...LIVES), fc.integer({ min: 1, max: 4 }), values)
  .map(([incarnation, partitions, set]) => modelTopic(incarnation, partitions, set))

const record = (targetTopic: string): fc.Arbitrary<TopicRecord> =>
  fc.record(
    {
      incarnation: fc.constantFrom(...LIVES),
      targetTopic: fc.constant(targetTopic),
      paused: fc.boolean(),
      restarting: fc.boolean(),
      missingSince: fc.constant(Date.UTC(2025, 11, 31)),
    },
    { requiredKeys: ['incarnation', 'targetTopic', 'paused', 'restarting'] },
  )

const mapping = fc.record({
  state: fc.constantFrom<LinkMapping['state'][]>(
    'Creating',
    'Enabling',
    'Enabled',
    'Disabling',
    'Disabled',
    'Updating',
    'Deleting',
  ),
  madeBy: fc.constantFrom<LinkMapping['madeBy'][]>('stack', 'run-time'),
})

const link = fc
  .record({
    topics: fc.subarray(['orders', 'state-internal']),
    naming: fc.constantFrom('prefix' as const, 'identity' as const),
    onRecreate: fc.constantFrom('append' as const, 'fault' as const),
    onSourceDelete: fc.constantFrom('keep' as const, { deleteAfterDays: 2 }),
    provenance: fc.boolean(),
  })
  .map((choices) => plannedLink({ ...choices, exclude: ['^(?:.*-tmp)$'] }))

/** Anything that two clusters, a ledger and Lambda may be found in. */
const worlds = fc
  .record({
    link,
    paused: fc.boolean(),
    topics: fc.array(
      fc.record({
        source: fc.option(topic, { nil: undefined }),
        target: fc.option(topic, { nil: undefined }),
        remembered: fc.boolean(),
        heads: fc.array(fc.constantFrom(...LIVES), { maxLength: 2 }),
        mappings: fc.array(mapping, { maxLength: 2 }),
        keylessPastIsBehind: fc.boolean(),
      }),
      { minLength: TOPICS.length, maxLength: TOPICS.length },
    ),
    records: fc.tuple(...TOPICS.map((name) => record(`west.${name}`))),
  })
  .map(({ link, paused, topics, records }) => {
    const world = new TopicWorld(link)
    world.paused = paused
    for (const [index, found] of topics.entries()) {
      const name = TOPICS[index] ?? ''
      const replica = link.naming === 'prefix' ? `west.${name}` : name
      const remembered = records[index]
      if (found.source) world.source.set(name, found.source)
      if (found.target) world.target.set(replica, found.target)
      if (found.remembered && remembered) world.ledger.set(name, { ...remembered, targetTopic: replica })
      if (found.heads.length > 0) world.heads.set(name, new Map(found.heads.entries()))
      if (found.keylessPastIsBehind) world.keylessPastIsBehind.add(name)
      for (const { state, madeBy } of found.mappings) world.addMapping(name, state, madeBy)
    }
    return world
  })

const partitionsOf = (world: TopicWorld) =>
  new Map([...world.target].map(([name, { partitions }]) => [name, partitions]))

const mappingsOf = (world: TopicWorld, name: string) => world.mappings.filter(({ topic }) => topic === name)

/** What a world looks like in which nothing is left to do. */
const expectFollowed = (world: TopicWorld): void => {
  const standing = new Set(world.plan().notes.flatMap(({ severity, about }) => (severity === 'fault' ? [about] : [])))
  for (const [name, source] of world.source) {
    const inclusion = inclusionOf(world.link, name)
    const mappings = mappingsOf(world, name)
    const states = mappings.map(({ state }) => state)
    if (inclusion !== 'named' && inclusion !== 'found') {
      expect(mappings.every(({ state, madeBy }) => madeBy === 'stack' && state === 'Disabled')).toBe(true)
    } else if (standing.has(name) || world.paused || world.ledger.get(name)?.paused) {
      expect(states.every((state) => state === 'Disabled')).toBe(true)
    } else {
      const target = world.target.get(world.link.naming === 'prefix' ? `west.${name}` : name)
      expect(target?.partitions).toBeGreaterThanOrEqual(source.partitions)
      expect(world.ledger.get(name)).toMatchObject({ incarnation: source.incarnation, restarting: false })
      expect(states.every((state) => state === 'Enabled')).toBe(true)
      if (inclusion === 'found') expect(states.length).toBeGreaterThan(0)
      expect([...(world.heads.get(name)?.values() ?? [])].every((life) => life === source.incarnation)).toBe(true)
    }
  }
}

const stepName = (step: TopicStep): string => `${step.kind} ${step.topic}`

describe('whatever the clusters, the ledger and Lambda look like, a plan', () => {
  it('reaches a world in which the next plan is empty and the target follows the source', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        world.settle()
        if (world.source.size > 0) expectFollowed(world)
      }),
      { numRuns: 500 },
    )
  })

  it('is completed by the next ones, whatever fails in the middle', () => {
    fc.assert(
      fc.property(worlds, fc.infiniteStream(fc.boolean()), (world, fails) => {
        for (let pass = 0; pass < 4; pass++) {
          world.apply(world.plan().steps, () => fails.next().value)
          world.pass()
        }
        world.settle()
        if (world.source.size > 0) expectFollowed(world)
      }),
      { numRuns: 500 },
    )
  })

  it('never shrinks a topic, and removes only a replica of its own after its days', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const before = partitionsOf(world)
        const known = new Map(world.ledger)
        world.settle(DAY_MS / 2)
        const { onSourceDelete } = world.link
        const removed = new Set(world.removed)
        for (const [name, partitions] of before)
          if (!removed.has(name)) expect(partitionsOf(world).get(name)).toBeGreaterThanOrEqual(partitions)
        const ours = [...known].filter(([name]) => !world.source.has(name)).map(([, { targetTopic }]) => targetTopic)
        expect([...removed].filter((name) => onSourceDelete === 'keep' || !ours.includes(name))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('is the same plan for the same facts, and has no step twice', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { steps } = world.plan()
        expect(world.plan().steps).toEqual(steps)
        const once = steps.filter(({ kind }) => !/mapping$/.test(kind)).map(stepName)
        expect(new Set(once).size).toBe(once.length)
      }),
    )
  })
})
