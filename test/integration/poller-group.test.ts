import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import type { InvokeResult } from '../../local/poller/verdict.ts'
import { numbersFrom, type Observed, PollerWorld } from '../support/poller-world.ts'

const WITHIN = { withinMs: 60_000 }
const FUNCTION_MS = 40
const succeeded: InvokeResult = { kind: 'succeeded', response: Buffer.alloc(0) }

describe('the group of a poller', () => {
  let world: PollerWorld
  beforeAll(async () => {
    world = await PollerWorld.start()
  })
  afterEach(() => world.endPollers())
  afterAll(() => world.stop())

  it('starts at the beginning, at the end or at a time, when it has no offsets', async () => {
    const topic = await world.createTopic()
    for (const number of [0, 1, 2]) {
      await world.produce(topic, [{ value: Buffer.from(String(number)), timestamp: BigInt(1000 * number) }])
    }
    const latest = world.startPoller(topic, {
      startingPosition: { kind: 'LATEST' },
      consumerGroupId: `${topic}-latest`,
    })
    const later = { kind: 'AT_TIMESTAMP', timestampMs: 5000 } as const
    const future = world.startPoller(topic, { startingPosition: later, consumerGroupId: `${topic}-later` })
    const horizon = world.startPoller(topic)
    const time = { kind: 'AT_TIMESTAMP', timestampMs: 1500 } as const
    const timed = world.startPoller(topic, { startingPosition: time, consumerGroupId: `${topic}-timed` })
    await horizon.untilRecords(3)
    await timed.untilRecords(1)
    await fetchesOf(latest)
    await fetchesOf(future)
    await world.produce(topic, [{ value: Buffer.from('3'), timestamp: 6000n }])
    for (const observed of [horizon, timed, latest, future]) {
      await eventually('record 3', () => observed.values().includes('3'), WITHIN)
    }
    expect(horizon.values()).toEqual(['0', '1', '2', '3'])
    expect(timed.values()).toEqual(['2', '3'])
    expect(latest.values()).toEqual(['3'])
    expect(future.values()).toEqual(['3'])
  })

  it('starts where it has committed, whatever the mapping says', async () => {
    const topic = await world.createTopic()
    await world.produceNumbers(topic, 10)
    const first = world.startPoller(topic)
    await first.untilCommitted(0, 10)
    await first.poller.stop()
    await world.produceNumbers(topic, 5, { from: 10 })
    const again = world.startPoller(topic, { startingPosition: { kind: 'LATEST' } })
    await again.untilRecords(5)
    expect(again.values()).toEqual(numbersFrom(10, 5))
  })

  it('delivers again what was not committed when the poller died, and nothing else', async () => {
    const topic = await world.createTopic()
    await world.produceNumbers(topic, 20)
    const first = world.startPoller(topic, { batchSize: 10 })
    const gate = Promise.withResolvers<InvokeResult>()
    first.answer = () => (first.events.length === 1 ? succeeded : gate.promise)
    await first.untilRecords(20)
    await first.untilCommitted(0, 10)
    await first.poller.crash()
    gate.resolve(succeeded)
    const again = world.startPoller(topic, { batchSize: 10 })
    await again.untilCommitted(0, 20)
    expect(again.values()).toEqual(numbersFrom(10, 10))
  })

  it('is shared by the pollers of a mapping, each partition read by one', async () => {
    const topic = await world.createTopic(5)
    const observed = world.startPoller(topic, { provisionedPollers: { minimum: 3, maximum: 3 } })
    await observed.untilAssigned(5)
    expect(observed.poller.stats().assigned).toEqual([0, 1, 2, 3, 4])
    for (const partition of [0, 1, 2, 3, 4]) await world.produceNumbers(topic, 50, { partition })
    for (const partition of [0, 1, 2, 3, 4]) await observed.untilCommitted(partition, 50)
    const { groups } = await world.admin.describeGroups([`group-${topic}`])
    expect(groups[0]?.members).toHaveLength(3)
    for (const partition of [0, 1, 2, 3, 4]) expect(new Set(observed.values(partition)).size).toBe(50)
    expect(observed.mostInFlight()).toBe(1)
  })

  it('loses no record and no commit while pollers come and go', async () => {
    const topic = await world.createTopic(4)
    const partitions = [0, 1, 2, 3]
    const given = { batchSize: 10, provisionedPollers: { minimum: 1, maximum: 1 } }
    for (const partition of partitions) await world.produceNumbers(topic, 300, { partition })
    const startSlow = (): Observed => {
      const observed = world.startPoller(topic, given)
      observed.answer = () => pause(FUNCTION_MS, succeeded)
      return observed
    }
    const first = startSlow()
    await first.untilRecords(100)
    const second = startSlow()
    await second.untilRecords(50)
    const third = startSlow()
    await eventually('a share of the third', () => third.poller.stats().assigned.length > 0, WITHIN)
    await first.poller.stop()
    await third.poller.crash()
    await eventually('all to be committed', () => isCommitted(topic, 300, partitions), WITHIN)
    for (const partition of partitions) {
      const values = [first, second, third].flatMap((observed) => observed.values(partition))
      expect(new Set(values)).toEqual(new Set(numbersFrom(0, 300)))
      for (const observed of [first, second, third]) expect(restarts(observed, partition)).toBeLessThanOrEqual(2)
    }
    for (const observed of [first, second, third]) expect(observed.mostInFlight()).toBeLessThanOrEqual(1)
  })

  it('leaves a partition that stays with its poller alone, also the batch in flight, when another poller comes', async () => {
    const topic = await world.createTopic(2)
    for (const partition of [0, 1]) await world.produceNumbers(topic, 3, { partition })
    const given = { provisionedPollers: { minimum: 1, maximum: 1 }, batchSize: 3 }
    const timing = { drainMs: 100 }
    const first = world.startPoller(topic, given, { timing })
    const gate = Promise.withResolvers<InvokeResult>()
    first.answer = () => gate.promise
    await first.untilRecords(6)
    const second = world.startPoller(topic, given, { timing })
    await second.untilAssigned(1)
    await second.untilCommitted(second.poller.stats().assigned[0] ?? -1, 3)
    gate.resolve(succeeded)
    const kept = first.poller.stats().assigned[0] ?? -1
    await first.untilCommitted(kept, 3)
    expect(first.values(kept)).toEqual(numbersFrom(0, 3))
    expect(second.values(kept)).toEqual([])
    expect(second.values(1 - kept)).toEqual(numbersFrom(0, 3))
    expect([...first.poller.stats().committed.keys()]).toEqual([kept])
  })

  it('that went on without a poller takes no commit of its old batches; the poller reads from what is committed', async () => {
    const topic = await world.createTopic()
    await world.produceNumbers(topic, 3)
    const observed = world.startPoller(
      topic,
      { provisionedPollers: { minimum: 1, maximum: 1 } },
      { timing: { drainMs: 100 } },
    )
    const gate = Promise.withResolvers<InvokeResult>()
    observed.answer = () => gate.promise
    await observed.untilRecords(3)
    await world.expel(`group-${topic}`)
    await observed.untilRecords(6)
    expect(observed.values()).toEqual([...numbersFrom(0, 3), ...numbersFrom(0, 3)])
    gate.resolve(succeeded)
    await observed.untilCommitted(0, 3)
    expect(await world.committed(topic)).toEqual(new Map([[0, 3]]))
  })

  it('reads partitions that are added later from their beginning', async () => {
    const topic = await world.createTopic(1)
    const observed = world.startPoller(topic)
    await observed.untilAssigned(1)
    await world.admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
    await eventually('partition 2', () => world.produceNumbers(topic, 4, { partition: 2 }).then(() => true), WITHIN)
    await observed.untilCommitted(2, 4)
    expect(observed.values(2)).toEqual(numbersFrom(0, 4))
  })

  it('goes on with what is left when retention took its position, and says from where to where', async () => {
    const topic = await world.createTopic()
    await world.produceNumbers(topic, 10)
    const first = world.startPoller(topic, { batchSize: 4 })
    first.answer = () => (first.events.length === 1 ? succeeded : { kind: 'failed', reason: 'by test' })
    await first.untilCommitted(0, 4)
    await first.poller.stop()
    await world.admin.fetchTopicOffsets(topic) // or kafkajs does not know the leader yet
    await world.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] })
    const again = world.startPoller(topic)
    await again.untilRecords(3)
    expect(again.values()).toEqual(['7', '8', '9'])
    expect(again.happenings).toContainEqual({ kind: 'position-reset', partition: 0, from: 4, to: 7 })
  })

  /** LATEST is where the log ends when the poller gets there, so nothing may be written before. */
  const fetchesOf = async (observed: Observed): Promise<void> => {
    await observed.untilAssigned(1)
    const position = () => observed.happenings.some(({ kind }) => kind === 'positioned')
    await eventually('its position to be found', position, WITHIN)
  }

  const isCommitted = async (topic: string, offset: number, partitions: readonly number[]): Promise<boolean> => {
    const committed = await world.committed(topic)
    return partitions.every((partition) => committed.get(partition) === offset)
  }

  /** How often a poller went back in a partition: once for each time that it got it anew. */
  const restarts = (observed: Observed, partition: number): number => {
    const numbers = observed.values(partition).map(Number)
    return numbers.filter((number, index) => index > 0 && number <= (numbers[index - 1] ?? -1)).length
  }
})

describe('the group of a poller on a secured cluster', () => {
  let world: PollerWorld
  beforeAll(async () => {
    world = await PollerWorld.start({ secure: true })
  })
  afterAll(() => world.stop())

  it('logs in with SCRAM over TLS, and reports a wrong password without saying it', async () => {
    const topic = await world.createTopic()
    const producer = world.kafka.producer()
    await producer.connect()
    await producer.send({ topic, messages: [{ value: 'secret' }] })
    await producer.disconnect()
    const observed = world.startPoller(topic)
    await observed.untilRecords(1)
    const login = { ...world.sourceLogin(), password: 'wrong-hunter2' }
    const refused = world.startPoller(topic, { login, consumerGroupId: `${topic}-refused` } as Parameters<
      typeof world.startPoller
    >[1])
    const problem = await eventually(
      'a problem',
      () => refused.happenings.find(({ kind }) => kind === 'problem'),
      WITHIN,
    )
    expect(problem).toMatchObject({ error: { code: 'LOGIN_REFUSED' } })
    expect(JSON.stringify(problem)).not.toContain('hunter2')
  })
})

describe('the group of a poller on three brokers', () => {
  let world: PollerWorld
  beforeAll(async () => {
    world = await PollerWorld.start({ brokers: 3 })
  })
  afterAll(() => world.stop())

  it('reads from the brokers that are there while one is down, and from that one when it is back', async () => {
    const topic = await world.createTopic(3)
    for (const partition of [0, 1, 2]) await world.produceNumbers(topic, 5, { partition })
    const { topics } = await world.admin.fetchTopicMetadata({ topics: [topic] })
    const leaders = new Map(topics[0]?.partitions.map(({ partitionId, leader }) => [partitionId, leader]))
    const victim = world.cluster.brokers.find(({ id }) => id === leaders.get(0))
    await victim?.stop()
    const observed = world.startPoller(topic, { provisionedPollers: { minimum: 1, maximum: 1 } })
    for (const partition of [1, 2]) await observed.untilCommitted(partition, 5)
    expect(observed.values(0)).toEqual([])
    await victim?.start()
    await observed.untilCommitted(0, 5)
    for (const partition of [0, 1, 2]) expect(observed.values(partition)).toEqual(numbersFrom(0, 5))
  })
})
