import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { HEARTBEAT_TOPIC } from '../../../../../shared/domain/heartbeat/beat.ts'
import { drain } from '../../../../../shared/usecases/failover/drain.ts'
import { FailoverDataWorld } from '../../../../support/failover-data-world.ts'

const ORDERS = { topic: 'orders', partition: 0 }
const SECOND = { topic: 'orders', partition: 1 }

let there: FailoverDataWorld
beforeEach(async () => {
  there = new FailoverDataWorld({ partitions: 2 })
  for (const id of [ORDERS, SECOND]) {
    there.world.write('west', id, 5)
    await there.world.replicate('west-east', id)
  }
})

const NOTHING_LOST = { records: 0, topics: [] }

describe('a drain', () => {
  it('is done when all has come', async () => {
    expect(await there.run(drain)).toMatchObject({ outcome: 'done', facts: { partitions: 2, loss: NOTHING_LOST } })
  })

  it('waits for records, and names where they are', async () => {
    there.world.write('west', SECOND, 3)
    expect(await there.run(drain)).toEqual({ outcome: 'again', message: '3 records are left: orders-1' })
    await there.world.replicate('west-east', SECOND, 2)
    expect(await there.run(drain)).toMatchObject({ outcome: 'again', message: '1 records are left: orders-1' })
    await there.world.replicate('west-east', SECOND)
    expect(await there.run(drain)).toMatchObject({ outcome: 'done' })
  })

  it('is refused while nothing brings the records, since the link is paused', async () => {
    there.world.write('west', SECOND, 3)
    there.forward = { ...there.forward, mode: 'paused' }
    const { outcome, message } = await there.run(drain)
    expect([outcome, message]).toEqual(['refused', expect.stringContaining('west-east is paused')])
    there.forward = { ...there.forward, mode: 'draining' }
    expect((await there.run(drain)).outcome).toBe('again')
    there.forward = { ...there.forward, mode: 'paused' }
    await there.world.replicate('west-east', SECOND, 2)
    expect((await there.run(drain)).outcome).toBe('refused')
    await there.world.replicate('west-east', SECOND)
    expect((await there.run(drain)).outcome).toBe('done')
    there.source.openFrom.set('orders-0', 4n)
    expect((await there.run(drain)).outcome).toBe('again') // that ends by itself
  })

  it('does not wait for markers, which nobody ever replicates', async () => {
    there.world.write('west', ORDERS, 2, 'markers')
    expect(await there.run(drain)).toMatchObject({ outcome: 'done' })
    there.world.write('west', ORDERS, 1)
    there.world.write('west', ORDERS, 1, 'markers')
    expect(await there.run(drain)).toMatchObject({ outcome: 'again', message: '1 records are left: orders-0' })
  })

  it('waits for transactions that are open: what they wrote may still be committed', async () => {
    there.world.write('west', ORDERS, 1)
    there.source.openFrom.set('orders-0', 5n)
    const { outcome, message } = await there.run(drain)
    expect([outcome, message]).toEqual(['again', expect.stringContaining('transactions are open')])
    expect(message).toContain('orders-0')
  })

  it('begins at the beginning of what was never replicated, or is another life of its topic', async () => {
    there.world.clusters.west.topics.put('orders', { partitions: 2 })
    expect(await there.run(drain)).toMatchObject({
      outcome: 'again',
      message: '10 records are left: orders-0, orders-1',
    })
  })

  it('does not wait for what retention took', async () => {
    there.world.write('west', ORDERS, 4)
    there.source.starts.set('orders-0', 8n)
    expect(await there.run(drain)).toMatchObject({ outcome: 'again', message: '1 records are left: orders-0' })
  })

  it('counts offsets where there are too many to be read', async () => {
    there.world.write('west', ORDERS, 1_000)
    const { message } = await there.run(drain)
    expect(message).toBe('1000 records are left: orders-0')
    expect(there.source.reads.length).toBeLessThanOrEqual(5)
  })

  it('leaves out the beats of the link, which go on', async () => {
    const beats = { topic: HEARTBEAT_TOPIC, partition: 0 }
    there.world.clusters.west.topics.put(HEARTBEAT_TOPIC)
    const record = { incarnation: 'any', targetTopic: HEARTBEAT_TOPIC, paused: false, restarting: false }
    await there.world.memory('west-east').topics.remember(HEARTBEAT_TOPIC, undefined, record)
    there.world.write('west', beats, 9)
    expect(await there.run(drain)).toMatchObject({ outcome: 'done', facts: { partitions: 2 } })
  })

  it('is not done while a partition of the source does not tell', async () => {
    there.source.leaderless.add('orders-1')
    const { outcome, message } = await there.run(drain)
    expect([outcome, message]).toEqual(['again', expect.stringContaining('1 partitions cannot be looked at')])
  })

  it('is not done while a topic of the source is hidden', async () => {
    there.world.clusters.west.topics.hidden.add('orders')
    expect((await there.run(drain)).outcome).toBe('again')
  })

  it('fails when a head makes no sense', async () => {
    const { map } = there.world.memory('west-east')
    map.malformed.set('orders-0', new ReplicationError('STATE_MALFORMED', 'reading a head'))
    expect((await there.run(drain)).outcome).toBe('again')
  })

  it('only tells in a drill what it would wait for', async () => {
    there.world.write('west', SECOND, 3)
    expect(await there.run(drain, { mode: 'drill' })).toMatchObject({ outcome: 'done', facts: { left: 3 } })
  })

  it('throws what the source says when nobody there answers', async () => {
    there.loseSource()
    await expect(there.run(drain)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })
})

describe('the drain of an unplanned failover', () => {
  const unplanned = { mode: 'unplanned' } as const
  const knows = (records: number, unmeasured = 0) => {
    const topics = [
      { topic: 'orders', records },
      { topic: HEARTBEAT_TOPIC, records: 7 },
    ]
    there.functions.lag = { ...there.functions.lag, records, topics, unmeasured }
  }

  it('counts what will not come, by what was last known', async () => {
    there.loseSource()
    knows(10)
    const loss = { records: 10, topics: [{ topic: 'orders', records: 10 }] }
    expect(await there.run(drain, unplanned)).toMatchObject({ outcome: 'done', facts: { loss } })
  })

  it('is refused when more is lost than may be, or nobody knows how much', async () => {
    there.loseSource()
    knows(11)
    expect(await there.run(drain, unplanned)).toEqual({
      outcome: 'refused',
      message: '11 records would be lost, and 10 may be',
    })
    expect(await there.run(drain, { ...unplanned, limits: { lostRecords: 11 } })).toMatchObject({ outcome: 'done' })
    knows(0, 1)
    expect((await there.run(drain, unplanned)).outcome).toBe('refused')
    there.functions.break('status')
    expect((await there.run(drain, unplanned)).outcome).toBe('refused')
    const { outcome, facts } = await there.run(drain, { ...unplanned, force: true })
    expect([outcome, facts]).toEqual(['done', { partitions: 0, loss: { topics: [] }, sourceGone: true }])
  })

  it('brings all when the source still answers', async () => {
    knows(4)
    expect(await there.run(drain, unplanned)).toMatchObject({ outcome: 'done', facts: { loss: NOTHING_LOST } })
  })

  it('waits for a source that answers, and not for ever', async () => {
    there.world.write('west', ORDERS, 3)
    knows(4)
    expect((await there.run(drain, unplanned)).outcome).toBe('again')
    there.remember('drain', {}, { outcome: 'again', startedAt: there.world.now - 120_000 })
    const loss = { records: 3, topics: [{ topic: 'orders', records: 3 }] }
    expect(await there.run(drain, unplanned)).toMatchObject({ outcome: 'done', facts: { loss } })
    there.remember('drain', {}, { outcome: 'again', startedAt: there.world.now - 119_999 })
    expect((await there.run(drain, unplanned)).outcome).toBe('again')
  })

  it('knows what it has read itself, also when the canary is silent', async () => {
    there.world.write('west', ORDERS, 3)
    there.functions.break('status')
    there.remember('drain', {}, { outcome: 'again', startedAt: there.world.now - 120_000 })
    const loss = { records: 3, topics: [{ topic: 'orders', records: 3 }] }
    expect(await there.run(drain, unplanned)).toMatchObject({ outcome: 'done', facts: { loss } })
    there.source.leaderless.add('orders-1')
    expect((await there.run(drain, unplanned)).outcome).toBe('refused')
  })

  it('leaves topics out that lose nothing', async () => {
    there.loseSource()
    const topics = [
      { topic: 'orders', records: 1 },
      { topic: 'quiet', records: 0 },
    ]
    there.functions.lag = { ...there.functions.lag, topics }
    const loss = { records: 1, topics: [{ topic: 'orders', records: 1 }] }
    expect(await there.run(drain, unplanned)).toMatchObject({ outcome: 'done', facts: { loss } })
  })

  it('throws what its own table says, which is not about the source', async () => {
    const { map } = there.world.memory('west-east')
    const error = new ReplicationError('STATE_THROTTLED', 'injected')
    map.faults.push({ method: 'read', applied: false, error })
    await expect(there.run(drain, unplanned)).rejects.toMatchObject({ code: 'STATE_THROTTLED' })
  })

  it('remembers whether the source was gone', async () => {
    there.world.write('west', ORDERS, 3)
    there.remember('drain', {}, { outcome: 'again', startedAt: there.world.now - 120_000 })
    expect((await there.run(drain, unplanned)).facts?.['sourceGone']).toBe(false)
  })

  it('takes the canary at its word for topics with partitions that do not tell', async () => {
    there.source.leaderless.add('orders-1')
    knows(6)
    const loss = { records: 6, topics: [{ topic: 'orders', records: 6 }] }
    expect(await there.run(drain, unplanned)).toMatchObject({ outcome: 'done', facts: { loss } })
  })
})
