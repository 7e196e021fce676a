import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { INITIAL_STATUS } from '../../../../../shared/domain/head.ts'
import { passReport } from '../../../../../shared/usecases/topics/pass-report.ts'
import { planLink } from '../../../../../shared/usecases/topics/sync-topics.ts'
import { inTime } from '../../../../support/in-time.ts'
import { plannedLink } from '../../../../support/model-topic.ts'
import { kindsOf, outcomesOf, replacing, SyncWorld } from '../../../../support/sync-world.ts'

let world: SyncWorld
beforeEach(() => {
  world = new SyncWorld()
})

const WHOLE = ['create done', 'remember done', 'create-mapping done']

describe('a pass', () => {
  it('over an empty target makes every topic whole, then remembers it, then has it consumed', async () => {
    world.put('orders', 'life-1', { partitions: 6, settings: { 'retention.ms': '1000' } })
    world.put('payments')
    const pass = await world.pass()
    for (const topic of ['orders', 'payments']) expect(outcomesOf(pass, topic)).toEqual(WHOLE)
    expect(world.target.topics.get('west.orders')).toMatchObject({ partitions: 6, replicationFactor: 1 })
    expect(world.target.topics.get('west.orders')?.settings.get('retention.ms')).toBe('1000')
    expect(world.ledger.records.get('orders')).toMatchObject({ incarnation: 'life-1', targetTopic: 'west.orders' })
    expect(world.mappingOf('orders')).toMatchObject({ state: 'Enabled', madeBy: 'run-time' })
  })

  it('after that changes nothing', async () => {
    world.put('orders')
    await world.pass()
    const changes = [...world.target.changes, ...world.mappings.changes]
    expect(kindsOf(await world.pass())).toEqual([])
    expect([...world.target.changes, ...world.mappings.changes]).toEqual(changes)
  })

  it('takes partitions and settings over, and what the source sets no more away', async () => {
    world.put('orders', 'life-1', { settings: { 'retention.ms': '1000', 'segment.bytes': '2000' } })
    await world.settle()
    world.put('orders', 'life-1', { partitions: 5, settings: { 'retention.ms': '3000' } })
    expect(outcomesOf(await world.pass(), 'orders')).toEqual(['grow done', 'alter done'])
    const { partitions, settings } = world.target.topics.get('west.orders') ?? {}
    expect([partitions, settings?.get('retention.ms'), settings?.has('segment.bytes')]).toEqual([5, '3000', false])
    expect(kindsOf(await world.pass())).toEqual([])
  })

  it('changes nothing on a target that applications write to, whatever the source has', async () => {
    world.put('orders', 'life-1', { settings: { 'retention.ms': '1000' } })
    await world.settle()
    world.state.status = { mode: 'stopped', role: 'active', epoch: 1 }
    world.put('orders', 'life-1', { partitions: 5, settings: { 'retention.ms': '3000' } })
    world.put('payments')
    const changes = [...world.target.changes]
    await world.settle()
    expect(world.target.changes).toEqual(changes)
    expect(world.mappingOf('orders')?.state).toBe('Disabled')
    world.state.status = { mode: 'forwarding', role: 'standby', epoch: 2 }
    await world.settle()
    expect(world.target.topics.get('west.orders')?.partitions).toBe(5)
    expect(world.target.topics.has('west.payments')).toBe(true)
  })

  it('is refused when both ends are the same cluster, before anything is changed', async () => {
    world.put('orders')
    world.target.clusterId = world.source.clusterId
    await expect(world.pass()).rejects.toMatchObject({ code: 'SAME_CLUSTER' })
    expect([world.target.changes, world.ledger.records.size, world.mappings.changes]).toEqual([[], 0, []])
  })

  it('changes nothing when it is only a plan', async () => {
    world.put('orders')
    expect(kindsOf({ plan: await planLink(inTime(), world.deps) })).toEqual(['create', 'remember', 'create-mapping'])
    expect([world.target.changes, world.ledger.records.size, world.mappings.changes]).toEqual([[], 0, []])
  })

  it.each(['source', 'target'] as const)('changes nothing while the %s cannot be reached', async (side) => {
    world.put('orders')
    await world.settle()
    world.put('payments')
    world.source.topics.delete('orders')
    world[side].reachable = false
    await expect(world.pass()).rejects.toMatchObject({ code: `${side.toUpperCase()}_UNREACHABLE` })
    expect([...world.ledger.records.keys()]).toEqual(['orders'])
    expect(world.mappingOf('orders')?.state).toBe('Enabled')
    world[side].reachable = true
    await world.settle()
    expect(world.mappingOf('payments')?.state).toBe('Enabled')
  })
})

describe('a step that fails', () => {
  it.each([
    ['create', ['create failed', 'remember skipped', 'create-mapping skipped']],
    ['remember', ['create done', 'remember failed', 'create-mapping skipped']],
    ['create-mapping', ['create done', 'remember done', 'create-mapping failed']],
  ])('as %s does stops the later ones of its topic, and no other topic', async (kind, outcomes) => {
    world.put('orders')
    world.put('payments')
    const { deps } = world
    const refuse = <Answer>(topic: string, ask: () => Promise<Answer>): Promise<Answer> =>
      topic === 'orders' ? Promise.reject(new ReplicationError('UNEXPECTED', 'injected')) : ask()
    const ledger = replacing(deps.ledger, {
      remember: (topic, ...rest) => refuse(topic, () => deps.ledger.remember(topic, ...rest)),
    })
    const mappings = replacing(deps.mappings, {
      create: (topic, ...rest) => refuse(topic, () => deps.mappings.create(topic, ...rest)),
    })
    if (kind === 'create') world.target.refuse('create', 'west.orders', 'TOPIC_REFUSED')
    const pass = await world.pass({
      ...deps,
      ...(kind === 'remember' && { ledger }),
      ...(kind === 'create-mapping' && { mappings }),
    })
    expect(outcomesOf(pass, 'orders')).toEqual(outcomes)
    expect(outcomesOf(pass, 'payments')).toEqual(WHOLE)
    expect(passReport(pass).faulted).toEqual(['orders'])
    world.target.accept('create', 'west.orders')
    await world.settle()
    expect(world.mappingOf('orders')?.state).toBe('Enabled')
  })

  it('since a busy cluster did not show the topic yet is no fault, and the next look tells', async () => {
    world.put('orders')
    await world.settle()
    const made = world.target.topics.get('west.orders')
    const { deps } = world
    const target = replacing(deps.target, {
      describe: async (...args) => {
        const seen = await deps.target.describe(...args)
        return { ...seen, topics: new Map([...seen.topics].filter(([topic]) => topic !== 'west.orders')) }
      },
    })
    const pass = await world.pass({ ...deps, target })
    expect(outcomesOf(pass, 'orders')).toEqual(['create failed'])
    expect(passReport(pass).faulted).toEqual([])
    expect(world.target.topics.get('west.orders')).toBe(made)
    expect(kindsOf(await world.pass())).toEqual([])
  })

  it('for want of time is no fault, and the next pass has its turn', async () => {
    world.put('orders')
    const { deps } = world
    const create = () => Promise.reject(new ReplicationError('DEADLINE_PASSED', 'injected'))
    const pass = await world.pass({ ...deps, mappings: replacing(deps.mappings, { create }) })
    expect(outcomesOf(pass, 'orders')).toContain('create-mapping failed')
    expect(passReport(pass).faulted).toEqual([])
    await world.settle()
    expect(world.mappingOf('orders')?.state).toBe('Enabled')
  })

  it('for want of a right names it, and the other topics go on', async () => {
    world.put('orders')
    world.put('payments')
    const because = 'User:link lacks CREATE on Topic `west.orders`'
    world.target.refuse('create', 'west.orders', 'TOPIC_DENIED', because)
    const report = passReport(await world.pass())
    const failed = report.steps.find(({ outcome }) => outcome === 'failed')
    expect(failed).toMatchObject({ topic: 'orders', kind: 'create', error: expect.stringContaining(because) })
    expect(world.mappingOf('payments')?.state).toBe('Enabled')
  })
})

describe('passes beside each other', () => {
  it('come to what one pass comes to', async () => {
    world.put('orders')
    world.put('payments', 'life-1', { settings: { 'cleanup.policy': 'compact' } })
    const { deps } = world
    const passes = await Promise.all([world.pass(deps), world.pass(deps)])
    expect(passes.flatMap((pass) => passReport(pass).faulted)).toEqual([])
    await world.settle()
    expect([...world.mappings.mappings.values()].map(({ topic, state }) => [topic, state]).sort()).toEqual([
      ['orders', 'Enabled'],
      ['payments', 'Enabled'],
    ])
  })

  it('leave alone what the other one has remembered meanwhile', async () => {
    world.put('orders')
    await world.settle()
    world.put('orders', 'life-2')
    const { deps } = world
    const known = world.ledger.records.get('orders')
    if (known === undefined) throw new Error('the ledger does not know it')
    const paused = { ...known, paused: true }
    const ledger = replacing(deps.ledger, {
      remember: (...args) => {
        world.ledger.records.set('orders', paused)
        return deps.ledger.remember(...args)
      },
    })
    const pass = await world.pass({ ...deps, ledger })
    expect(outcomesOf(pass, 'orders')).toEqual(['hold-back failed', 'disable-mapping skipped'])
    expect(world.ledger.records.get('orders')).toEqual(paused)
    await world.settle()
    expect(world.ledger.records.get('orders')).toMatchObject({ incarnation: 'life-2', paused: true })
    expect(world.mappingOf('orders')?.state).toBe('Disabled')
  })
})

describe('a link that does not forward', () => {
  it.each(['paused', 'draining', 'stopped'] as const)('has nothing consumed while it is %s', async (mode) => {
    world.put('orders')
    await world.settle()
    world.state.status = { ...INITIAL_STATUS, mode }
    world.put('payments')
    await world.settle()
    const states = ['orders', 'payments'].map((topic) => world.mappingOf(topic)?.state)
    expect(states).toEqual(['Disabled', 'Disabled'])
    expect(world.mappings.changes).toEqual(['create orders', 'disable orders', 'create payments disabled'])
    world.state.status = INITIAL_STATUS
    await world.settle()
    expect(world.mappingOf('payments')?.state).toBe('Enabled')
  })
})

describe('a topic that the login may not see any more', () => {
  it('is not deleted, and nothing of it changes', async () => {
    world.link = plannedLink({ onSourceDelete: { deleteAfterDays: 1 } })
    world.put('orders')
    await world.settle()
    const before = world.ledger.records.get('orders')
    world.source.hidden.add('orders')
    for (let day = 0; day < 3; day++) {
      const pass = await world.pass()
      expect(kindsOf(pass)).toEqual([])
      expect(passReport(pass).faulted).toEqual(['orders'])
      world.now += 86_400_000
    }
    expect(world.ledger.records.get('orders')).toEqual(before)
    expect(world.mappingOf('orders')?.state).toBe('Enabled')
    expect(world.target.topics.has('west.orders')).toBe(true)
  })
})
