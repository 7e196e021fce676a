import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { HEARTBEAT_PARTITION, HEARTBEAT_TOPIC } from '../../../../../shared/domain/heartbeat/beat.ts'
import { EVERY_MS, LagWorld } from '../../../../support/lag-world.ts'

const HERE = { topic: 'orders', partition: 0 }
const THERE = { topic: 'west.orders', partition: 0 }
const LINK = 'west-east'

let lagged: LagWorld
beforeEach(() => {
  lagged = new LagWorld()
})

const NOTHING = { records: 0, lagMs: 0, gone: 0 }

describe('samples of the lag', () => {
  it('say how many records wait and for how long, until they are replicated', async () => {
    const { world } = lagged
    await lagged.invoke()
    expect(lagged.last.lag).toEqual(NOTHING)
    world.write('west', HERE, 3)
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 3, lagMs: EVERY_MS, recordsPerSecond: 0.3 })
    world.write('west', HERE, 2)
    await world.replicate(LINK, HERE, 1)
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 4, lagMs: 2 * EVERY_MS })
    await world.replicate(LINK, HERE, 2)
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 2, lagMs: 2 * EVERY_MS })
    await world.replicate(LINK, HERE)
    expect((await lagged.sampleLater()).lag).toMatchObject(NOTHING)
  })

  it('come every ten seconds in one invocation, and tell of topics and groups once', async () => {
    expect(await lagged.invoke(6)).toEqual({ samples: 6, held: 0, failed: 0 })
    expect(lagged.told.map(({ whole }) => whole)).toEqual([true, false, false, false, false, false])
    expect(lagged.told.map(({ report }) => report.at - (lagged.told[0]?.report.at ?? 0))).toEqual(
      [0, 1, 2, 3, 4, 5].map((at) => at * EVERY_MS),
    )
    expect(lagged.lease.held).toBeUndefined()
  })

  it('tell how old the newest heartbeat on the target is; those on their way are no loss', async () => {
    lagged = new LagWorld({ links: { topics: ['orders', HEARTBEAT_TOPIC] } })
    const { world } = lagged
    await lagged.invoke()
    expect(lagged.last.heartbeatAgeMs).toBeUndefined()
    world.write('west', HEARTBEAT_PARTITION, 2)
    await world.replicate(LINK, HEARTBEAT_PARTITION, 1)
    const { map } = world.memory(LINK)
    const head = map.head(HEARTBEAT_PARTITION)
    if (head === undefined) throw new Error('nothing was replicated')
    const arrived = { ...head, last: { source: 0n, fingerprint: '', timestamp: world.now - 1_234 } }
    await map.advance(HEARTBEAT_PARTITION, head, arrived)
    lagged.beats.kept = { owner: 'one', beat: { sequence: 9, at: world.now } }
    const { heartbeatAgeMs, lag, topics, worst } = await lagged.sampleLater()
    expect(heartbeatAgeMs).toBe(EVERY_MS + 1_234)
    expect(lag).toMatchObject(NOTHING)
    expect(worst).toEqual([])
    expect(topics.find(({ topic }) => topic === HEARTBEAT_TOPIC)).toMatchObject({ records: 1 })
    expect(lagged.last.beatenAgoMs).toBe(EVERY_MS)
    // Another link of the source goes on beating into the same topic.
    await map.advance(HEARTBEAT_PARTITION, arrived, { ...arrived, last: { ...arrived.last, timestamp: world.now } })
    lagged.beats.kept = { owner: 'one', beat: { sequence: 9, at: world.now - 300_000 } }
    expect((await lagged.sampleLater()).heartbeatAgeMs).toBe(EVERY_MS + 299_000)
    lagged.beats.kept = undefined
    expect((await lagged.sampleLater()).heartbeatAgeMs).toBeUndefined()
  })

  it('tell how long retention leaves what waits, by the settings of the topic', async () => {
    const { world } = lagged
    world.clusters.west.topics.topics.get('orders')?.settings.set('retention.ms', '60000')
    await lagged.invoke()
    world.write('west', HERE, 1)
    expect((await lagged.sampleLater()).lag.timeToLossMs).toBe(50_000)
    expect((await lagged.sampleLater(30_000)).lag.timeToLossMs).toBe(20_000)
  })

  it('hear of other settings after some minutes, and of those of a new topic at once', async () => {
    lagged = new LagWorld({ links: { topics: ['orders', 'bills'] } })
    const { world } = lagged
    const { topics } = world.clusters.west.topics
    topics.delete('bills')
    world.write('west', HERE, 1)
    const deps = lagged.deps()
    await lagged.invoke(1, deps)
    expect(lagged.last.lag.timeToLossMs).toBe(604_800_000)
    topics.get('orders')?.settings.set('retention.ms', '600000')
    expect((await lagged.sampleLater(60_000, deps)).lag.timeToLossMs).toBeGreaterThan(600_000_000)
    expect((await lagged.sampleLater(300_000, deps)).lag.timeToLossMs).toBe(240_000)
    world.clusters.west.topics.put('bills', { settings: { 'retention.ms': '100000' } })
    world.write('west', { topic: 'bills', partition: 0 }, 1)
    expect((await lagged.sampleLater(60_000, deps)).lag.timeToLossMs).toBe(100_000)
  })

  it('end where readers of committed records do', async () => {
    const { world, logs } = lagged
    world.write('west', HERE, 9)
    logs.stableEnds.set('orders-0', 4n)
    await lagged.invoke()
    expect(lagged.last.lag.records).toBe(4)
  })

  it('begin anew with another life of a topic', async () => {
    const { world } = lagged
    world.write('west', HERE, 5)
    await world.replicate(LINK, HERE)
    await lagged.invoke()
    world.clusters.west.topics.put('orders')
    world.log('west', HERE).length = 0
    world.write('west', HERE, 9)
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 9, lagMs: 0, atLeast: true })
  })
})

describe('transactional topics', () => {
  it('show no lag when nothing but markers is left, and are read once for it', async () => {
    const { world, logs } = lagged
    world.write('west', HERE, 4)
    await world.replicate(LINK, HERE)
    world.write('west', HERE, 1, 'markers')
    for (let at = 0; at < 3; at++) expect((await lagged.sampleLater()).lag).toMatchObject(NOTHING)
    expect(logs.requests.read).toBe(1)
    world.write('west', HERE, 1)
    world.write('west', HERE, 1, 'markers')
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 1, lagMs: EVERY_MS })
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 1, lagMs: 2 * EVERY_MS })
    expect(logs.requests.read).toBe(2)
  })
})

describe('what is read of the rest of a partition', () => {
  it('is counted as far as its end was told', async () => {
    const { world, logs } = lagged
    world.write('west', HERE, 1, 'markers')
    world.write('west', HERE, 3)
    logs.stableEnds.set('orders-0', 1n)
    await lagged.invoke()
    expect(lagged.last.lag.records).toBe(0)
  })

  it('is that of partitions that stand still first', async () => {
    lagged = new LagWorld({ partitions: 30 })
    const { world, logs } = lagged
    const partitions = Array.from({ length: 30 }, (_, partition) => ({ ...HERE, partition }))
    for (const id of partitions) {
      world.write('west', id, 4)
      await world.replicate(LINK, id, 1)
    }
    logs.down.clear()
    await lagged.invoke()
    logs.readFrom.length = 0
    for (const id of partitions.slice(0, 20)) await world.replicate(LINK, id, 1)
    for (const id of partitions.slice(20)) world.write('west', id, 2)
    await lagged.sampleLater()
    expect(logs.readFrom.slice(0, 10).toSorted()).toEqual(partitions.slice(20).map(({ partition: p }) => `orders-${p}`))
  })
})

describe('what retention takes before it was replicated', () => {
  it('is told for as long as nobody has recorded it, also when nothing waits any more', async () => {
    const { world, logs } = lagged
    world.write('west', HERE, 4)
    await world.replicate(LINK, HERE)
    world.write('west', HERE, 6)
    await lagged.invoke()
    logs.starts.set('orders-0', 10n)
    for (const _hour of [1, 2, 3])
      expect((await lagged.sampleLater(3_600_000)).lag).toEqual({ ...NOTHING, gone: 6, recordsPerSecond: 0 })
    world.clusters.west.topics.reachable = false
    expect((await lagged.sampleLater()).lag.gone).toBe(6)
    world.clusters.west.topics.reachable = true
    world.write('west', HERE, 1)
    await world.replicate(LINK, HERE)
    expect((await lagged.sampleLater()).lag).toMatchObject(NOTHING)
  })
})

describe('what retention takes before anything of a partition was replicated', () => {
  beforeEach(async () => {
    lagged.world.write('west', HERE, 9)
    lagged.logs.starts.set('orders-0', 2n)
    await lagged.invoke()
  })

  it('is gone from the first look on, and not what was gone before', async () => {
    expect(lagged.last.lag).toMatchObject({ records: 7, gone: 0 })
    lagged.logs.starts.set('orders-0', 6n)
    for (const _look of [1, 2])
      expect((await lagged.sampleLater()).lag).toMatchObject({ records: 3, gone: 4, timeToLossMs: 0 })
    lagged.logs.starts.set('orders-0', 9n)
    expect((await lagged.sampleLater(3_600_000)).lag).toEqual({ ...NOTHING, gone: 7, recordsPerSecond: 0 })
  })

  it('is none of another life of the topic, nor what a link at rest did not owe', async () => {
    const { world, logs } = lagged
    world.memory(LINK).map.status = { mode: 'stopped', role: 'active', epoch: 1 }
    logs.starts.set('orders-0', 6n)
    await lagged.sampleLater()
    world.memory(LINK).map.status = { mode: 'forwarding', role: 'standby', epoch: 2 }
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 3, gone: 0 })
    world.clusters.west.topics.put('orders')
    logs.starts.set('orders-0', 8n)
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 1, gone: 0 })
  })
})

describe('partitions that nobody can measure', () => {
  it('are those that the source tells nothing of although it answers', async () => {
    lagged = new LagWorld({ partitions: 3 })
    const { world, logs } = lagged
    await lagged.invoke()
    expect(lagged.last.unmeasured).toBe(0)
    logs.errors.set('orders-1', new ReplicationError('SOURCE_TOPIC_UNKNOWN', 'asking for orders-1'))
    expect(await lagged.sampleLater()).toMatchObject({ unmeasured: 1, unseen: 1 })
    logs.silent.add('orders-2')
    expect(await lagged.sampleLater()).toMatchObject({ unmeasured: 2, unseen: 2 })
    world.memory(LINK).map.malformed.set('orders-0', new ReplicationError('STATE_MALFORMED', 'reading a head'))
    expect(await lagged.sampleLater()).toMatchObject({ unmeasured: 3, unseen: 2 })
    logs.errors.clear()
    logs.silent.clear()
    world.memory(LINK).map.malformed.clear()
    expect((await lagged.sampleLater()).unmeasured).toBe(0)
  })

  it('are topics that could never be described, but not those that are not there', async () => {
    lagged = new LagWorld({ links: { topics: ['orders', 'bills', 'absent'] } })
    const { topics } = lagged.world.clusters.west
    topics.topics.delete('absent')
    topics.hidden.add('bills')
    await lagged.invoke()
    expect(lagged.last.unmeasured).toBe(1)
    topics.hidden.clear()
    expect((await lagged.sampleLater()).unmeasured).toBe(0)
  })

  it('are those that end below their checkpoint, which a lag of nothing would hide', async () => {
    lagged = new LagWorld({ partitions: 2 })
    const { world } = lagged
    const other = { ...HERE, partition: 1 }
    for (const id of [HERE, other]) {
      world.write('west', id, 9)
      await world.replicate(LINK, id, 5)
    }
    await lagged.invoke()
    world.log('west', HERE).length = 4
    world.log('west', other).length = 5
    const report = await lagged.sampleLater()
    expect(report).toMatchObject({ unmeasured: 1, unseen: 0, lag: { records: 0 } })
    expect(report.troubles).toEqual([expect.stringMatching(/SOURCE_TRUNCATED.*orders-0.* 4, .* 5;/)])
    expect((await lagged.sampleLater()).unmeasured).toBe(1)
    world.write('west', HERE, 9)
    expect((await lagged.sampleLater()).unmeasured).toBe(0)
  })

  it('are none whose checkpoint moved on after their ends were told, nor those of another life', async () => {
    const { world, logs } = lagged
    world.write('west', HERE, 5)
    await world.replicate(LINK, HERE)
    await lagged.invoke()
    const edges = logs.edges.bind(logs)
    logs.edges = async (partitions) => {
      const told = await edges(partitions)
      world.write('west', HERE, 3)
      await world.replicate(LINK, HERE)
      return told
    }
    expect((await lagged.sampleLater()).unmeasured).toBe(0)
    logs.edges = edges
    world.clusters.west.topics.put('orders')
    world.log('west', HERE).length = 1
    expect((await lagged.sampleLater()).unmeasured).toBe(0)
  })

  it('are not all those of a source that is silent, whose last figures hold; but all that nothing is known of', async () => {
    const { topics } = lagged.world.clusters.west
    await lagged.invoke()
    topics.reachable = false
    expect(await lagged.sampleLater()).toMatchObject({ unmeasured: 0, unseen: 1 })
    lagged.ledger.memory = undefined
    lagged.lease.held = undefined
    expect(await lagged.sampleLater()).toMatchObject({ unmeasured: 1, unseen: 0 })
  })
})

describe('a partition that stands still', () => {
  it('does so while records wait, since its checkpoint moved or they came', async () => {
    const { world } = lagged
    world.write('west', HERE, 4)
    await world.replicate(LINK, HERE)
    await lagged.invoke()
    expect((await lagged.sampleLater(600_000)).standstillMs).toBe(0)
    world.write('west', HERE, 2)
    expect((await lagged.sampleLater()).standstillMs).toBe(EVERY_MS)
    expect((await lagged.sampleLater(600_000)).standstillMs).toBe(600_000 + EVERY_MS)
    await world.replicate(LINK, HERE, 1)
    expect((await lagged.sampleLater()).standstillMs).toBe(EVERY_MS)
  })
})

describe('a link that a failover has stopped', () => {
  it('waits for nothing as long as its target is the active cluster', async () => {
    const { world, logs, beats } = lagged
    world.memory(LINK).map.status = { mode: 'stopped', role: 'active', epoch: 1 }
    world.write('west', HERE, 9)
    world.commit('west', 'billing', HERE, 6n)
    logs.starts.set('orders-0', 2n)
    await lagged.invoke()
    beats.kept = { owner: 'one', beat: { sequence: 9, at: world.now } }
    const { lag, topics, worst, standstillMs, failover, mode, heartbeatAgeMs } = await lagged.sampleLater(3_600_000)
    expect({ lag, topics, worst, standstillMs, failover }).toEqual({
      lag: NOTHING,
      topics: [],
      worst: [],
      standstillMs: 0,
    })
    expect({ mode, heartbeatAgeMs }).toEqual({ mode: 'stopped', heartbeatAgeMs: 3_600_000 })
    world.clusters.west.topics.reachable = false
    expect((await lagged.sampleLater()).sourceUnreachableSince).toBe(lagged.last.at)
  })

  it.each([
    { mode: 'stopped', role: 'standby', epoch: 1 },
    { mode: 'paused', role: 'standby', epoch: 0 },
    { mode: 'draining', role: 'standby', epoch: 1 },
    { mode: 'forwarding', role: 'active', epoch: 1 },
  ] as const)('goes on lagging where it is not at rest: $mode, $role', async (status) => {
    const { world } = lagged
    await lagged.invoke()
    world.memory(LINK).map.status = status
    world.write('west', HERE, 9)
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 9, lagMs: EVERY_MS })
  })

  it('has its whole lag as soon as a failover turns it around', async () => {
    const { world } = lagged
    await lagged.invoke()
    world.memory(LINK).map.status = { mode: 'stopped', role: 'active', epoch: 1 }
    world.write('west', HERE, 9)
    await lagged.sampleLater()
    world.memory(LINK).map.status = { mode: 'forwarding', role: 'standby', epoch: 2 }
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 9, lagMs: 2 * EVERY_MS })
  })
})

describe('a source that does not answer', () => {
  it('is one of which nobody answers: an error of a topic is none of the source', async () => {
    lagged.logs.errors.set('orders-0', new ReplicationError('SOURCE_TOPIC_UNKNOWN', 'asking for orders-0'))
    await lagged.invoke()
    expect(lagged.last.sourceUnreachableSince).toBeUndefined()
    expect(lagged.last).toMatchObject({ unseen: 1, partitions: 1 })
  })

  it('is as old as the partition that was not seen for longest', async () => {
    lagged = new LagWorld({ partitions: 2 })
    await lagged.invoke()
    const { at } = lagged.last
    lagged.logs.down.add('orders-1')
    await lagged.sampleLater()
    lagged.logs.down.add('orders-0')
    expect(await lagged.sampleLater()).toMatchObject({ unseen: 2, unseenSince: at })
  })

  it('leaves the last figures as they were, while the oldest record goes on waiting', async () => {
    const { world } = lagged
    await lagged.invoke()
    world.write('west', HERE, 3)
    const before = await lagged.sampleLater()
    expect(before.sourceUnreachableSince).toBeUndefined()
    world.clusters.west.topics.reachable = false
    const { at, ...silent } = await lagged.sampleLater()
    expect(silent).toMatchObject({ sourceUnreachableSince: at, unseen: 1, unseenSince: before.at })
    expect(silent.lag).toMatchObject({ records: 3, lagMs: 2 * EVERY_MS })
    expect(silent.troubles.join()).toContain('SOURCE_UNREACHABLE')
    const later = await lagged.sampleLater(60_000) // another process, which has never met the source
    expect(later).toMatchObject({ sourceUnreachableSince: at, partitions: 1 })
    expect(later.lag).toMatchObject({ records: 3, lagMs: 2 * EVERY_MS + 60_000 })
    expect(later.failover).toEqual(before.failover)
    world.clusters.west.topics.reachable = true
    await world.replicate(LINK, HERE)
    const after = await lagged.sampleLater()
    expect([after.sourceUnreachableSince, after.unseen, after.lag.records]).toEqual([undefined, 0, 0])
  })

  it('may be a few of its brokers: the others go on', async () => {
    lagged = new LagWorld({ partitions: 2 })
    const [here, other] = [HERE, { ...HERE, partition: 1 }]
    await lagged.invoke()
    lagged.logs.down.add('orders-0')
    for (const id of [here, other]) lagged.world.write('west', id, 2)
    const report = await lagged.sampleLater()
    expect(report).toMatchObject({ partitions: 2, unseen: 1, lag: { records: 2 } })
    expect(report.sourceUnreachableSince).toBeUndefined()
    lagged.logs.down.clear()
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 4, lagMs: 2 * EVERY_MS })
  })

  it('leaves the time to loss as well, for a process that has never met it', async () => {
    const { world } = lagged
    await lagged.invoke()
    world.write('west', HERE, 3)
    const { timeToLossMs = Number.NaN } = (await lagged.sampleLater()).lag
    world.clusters.west.topics.reachable = false
    expect((await lagged.sampleLater(60_000)).lag.timeToLossMs).toBe(timeToLossMs - 60_000)
    expect((await lagged.sampleLater(60_000)).lag.timeToLossMs).toBe(timeToLossMs - 120_000)
  })

  it('of a topic that may not be described any more leaves its last figures, and says so', async () => {
    const { world, logs } = lagged
    await lagged.invoke()
    world.write('west', HERE, 3)
    const { at: seenAt } = await lagged.sampleLater()
    world.clusters.west.topics.hidden.add('orders')
    logs.errors.set('orders-0', new ReplicationError('TOPIC_DENIED', 'asking for orders-0'))
    const report = await lagged.sampleLater()
    expect(report).toMatchObject({ partitions: 1, unseen: 1, unseenSince: seenAt })
    expect(report.sourceUnreachableSince).toBeUndefined()
    expect(report.lag).toMatchObject({ records: 3, lagMs: 2 * EVERY_MS })
    expect(report.troubles.join()).toContain('TOPIC_DENIED')
    expect(report.lag.timeToLossMs).toBeDefined()
    world.clusters.west.topics.hidden.clear()
    logs.errors.clear()
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 3, lagMs: 3 * EVERY_MS })
  })

  it('and was never met tells nothing, which is said', async () => {
    lagged.world.clusters.west.topics.reachable = false
    await lagged.invoke()
    expect(lagged.last).toMatchObject({ partitions: 0, sourceUnreachableSince: lagged.last.at })
  })
})

describe('what dies or overlaps', () => {
  it('between a sample and its write leaves no wrong figure: the next one is right to the time between them', async () => {
    const { world, ledger } = lagged
    await lagged.invoke()
    world.write('west', HERE, 1)
    const writes = ledger.remember.bind(ledger)
    ledger.remember = async () => {
      throw new ReplicationError('STATE_UNREACHABLE', 'remembering')
    }
    world.now += EVERY_MS
    await expect(lagged.invoke()).rejects.toThrow(/STATE_UNREACHABLE/)
    expect(lagged.failures).toHaveLength(1)
    ledger.remember = writes
    lagged.lease.held = undefined
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 1, lagMs: 2 * EVERY_MS })
  })

  it('goes on after a sample that failed', async () => {
    const { ledger } = lagged
    const writes = ledger.remember.bind(ledger)
    let calls = 0
    ledger.remember = async (memory) => {
      if (calls++ === 1) throw new ReplicationError('STATE_THROTTLED', 'remembering')
      return await writes(memory)
    }
    expect(await lagged.invoke(4)).toEqual({ samples: 3, held: 0, failed: 1 })
  })

  it('takes its turn: of two runs at once only one measures, and the other follows a dead one soon', async () => {
    const taking = lagged.deps()
    await lagged.lease.acquire('dead', lagged.world.now, lagged.world.now + 2.5 * EVERY_MS)
    const report = await lagged.invoke(6, taking, 'other')
    expect(report).toEqual({ samples: 3, held: 3, failed: 0 })
  })

  it('takes no samples side by side, however many runs there are', async () => {
    const { logs } = lagged
    const edges = logs.edges.bind(logs)
    let [running, most] = [0, 0]
    logs.edges = async (partitions) => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      return await edges(partitions)
    }
    const runs = ['one', 'other', 'third'].map((owner) => lagged.invoke(3, lagged.deps(), owner))
    const held = (await Promise.all(runs)).reduce((total, run) => total + run.held, 0)
    expect(most).toBe(1)
    expect(held).toBeGreaterThan(0)
  })

  it('goes on from what others have remembered meanwhile', async () => {
    await lagged.invoke()
    const { ledger, lease, world } = lagged
    const begin = world.now
    lagged.meanwhile = () => {
      const { memory } = ledger
      if (memory === undefined || world.now !== begin + EVERY_MS) return
      lease.held = { owner: 'another', until: world.now + 1 }
      ledger.memory = { ...memory, at: world.now, failover: { at: 1, groups: 9, reread: 99, unplaced: 0, worst: [] } }
    }
    expect(await lagged.invoke(3)).toEqual({ samples: 2, held: 1, failed: 0 })
    expect(lagged.last.failover?.reread).toBe(99)
    expect(lagged.last.rememberedAt).toBe(begin + EVERY_MS)
  })

  it('reads again what it was not let to replace', async () => {
    await lagged.invoke()
    const { memory } = lagged.ledger
    if (memory === undefined) throw new Error('nothing remembered')
    const later = memory.at + 1.5 * EVERY_MS
    lagged.ledger.memory = { ...memory, at: later }
    lagged.world.now += EVERY_MS
    expect(await lagged.invoke(2)).toEqual({ samples: 1, held: 1, failed: 0 })
    expect(lagged.last.rememberedAt).toBe(later)
  })

  it('never puts an earlier sample in the place of a later one', async () => {
    await lagged.invoke()
    const { memory } = lagged.ledger
    if (memory === undefined) throw new Error('nothing remembered')
    lagged.ledger.memory = { ...memory, at: memory.at + 1_000 * EVERY_MS }
    expect(await lagged.invoke()).toEqual({ samples: 0, held: 1, failed: 0 })
    expect(lagged.told).toHaveLength(1)
  })
})

describe('very many partitions', () => {
  it('cost as many requests as one, but for a bounded number of reads', async () => {
    lagged = new LagWorld({ partitions: 1_000 })
    const { world, logs } = lagged
    for (let partition = 0; partition < 1_000; partition++) world.write('west', { ...HERE, partition }, 2)
    await lagged.invoke(3)
    expect(logs.requests).toEqual({ edges: 3, read: 60 })
    expect(world.memory(LINK).map.calls.get('read')).toBe(3)
    const { describe: described, settings } = world.clusters.west.topics.requests
    expect({ described, settings }).toEqual({ described: 2, settings: 1 }) // one of them for the groups
    expect(lagged.last.worst).toHaveLength(5)
    expect(lagged.last.lag.records).toBe(2_000)
  })
})

describe('what a failover at this instant would do', () => {
  it('to each group: what it would lose, and read again', async () => {
    const { world } = lagged
    world.write('west', HERE, 10)
    await world.replicate(LINK, HERE, 8)
    world.commit('west', 'billing', HERE, 6n)
    world.commit('east', 'billing', THERE, 4n)
    world.commit('west', 'reading-ahead', HERE, 9n)
    world.commit('west', 'unplaced', HERE, 3n)
    world.commit('east', 'reading-ahead', THERE, 8n)
    await lagged.invoke()
    expect(lagged.last.lag.records).toBe(2)
    expect(lagged.last.failover).toMatchObject({ groups: 3, reread: 2, unplaced: 1 })
    const worst = new Map(lagged.last.failover?.worst.map(({ group, ...loss }) => [group, loss]))
    expect(worst.get('billing')).toEqual({ lost: 2, reread: 2, unplaced: 0 })
    expect(worst.get('reading-ahead')).toEqual({ lost: 1, reread: 0, unplaced: 0 })
    expect(worst.get('unplaced')).toEqual({ lost: 2, reread: 0, unplaced: 1 })
  })

  it('to no group that has members on the target, since it has its own positions there', async () => {
    const { world } = lagged
    world.write('west', HERE, 10)
    await world.replicate(LINK, HERE)
    world.commit('west', 'billing', HERE, 6n)
    world.commit('east', 'billing', THERE, 4n)
    world.clusters.east.groups.join('billing')
    await lagged.invoke()
    expect(lagged.last.failover).toMatchObject({ groups: 0, reread: 0 })
  })

  it('says of which groups nobody could tell, and counts the others', async () => {
    const { world } = lagged
    world.write('west', HERE, 10)
    await world.replicate(LINK, HERE)
    world.commit('west', 'billing', HERE, 6n)
    world.commit('east', 'billing', THERE, 4n)
    world.clusters.west.groups.troubles.push(new ReplicationError('SOURCE_UNREACHABLE', 'listing groups of broker 2'))
    world.commit('west', 'unread', HERE, 6n)
    world.clusters.west.groups.refuse('read', 'unread', 'GROUP_DENIED')
    await lagged.invoke()
    expect(lagged.last.failover).toMatchObject({ groups: 1, reread: 2 })
    for (const untold of ['broker 2', 'unread']) expect(lagged.last.troubles.join()).toContain(untold)
  })

  it('keeps nobody from seeing the lag when groups do not answer', async () => {
    const { world } = lagged
    world.write('west', HERE, 1)
    world.clusters.west.groups.reachable = false
    await lagged.invoke()
    expect(lagged.last.lag.records).toBe(1)
    expect(lagged.last.failover).toBeUndefined()
    expect(lagged.last.troubles.join()).toContain('SOURCE_UNREACHABLE')
  })
})
