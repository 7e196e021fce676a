import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import type { InvokeResult } from '../../local/poller/verdict.ts'
import { numbersFrom, PollerWorld, recordsIn } from '../support/poller-world.ts'

const WITHIN = { withinMs: 60_000 }
const MEBIBYTE = 1024 * 1024
const failed: InvokeResult = { kind: 'failed', reason: 'by test' }
const succeeded: InvokeResult = { kind: 'succeeded', response: Buffer.alloc(0) }
const provisionedPollers = { minimum: 1, maximum: 1 }

describe('the poller', () => {
  let world: PollerWorld
  beforeAll(async () => {
    world = await PollerWorld.start()
  })
  afterEach(() => world.endPollers())
  afterAll(() => world.stop())

  it('puts records of several partitions into one event, up to the batch size', async () => {
    const topic = await world.createTopic(4)
    for (const partition of [0, 1, 2, 3]) await world.produceNumbers(topic, 30, { partition })
    const observed = world.startPoller(topic, { batchSize: 50, maximumBatchingWindowMs: 1000 })
    await observed.untilRecords(120)
    const sizes = observed.events.map((event) => recordsIn(event).length)
    expect(Math.max(...sizes)).toBe(50)
    expect(observed.events.some(({ records }) => Object.keys(records).length > 1)).toBe(true)
    for (const partition of [0, 1, 2, 3]) expect(observed.values(partition)).toEqual(numbersFrom(0, 30))
  })

  it('gathers records for the window, counted from the first one', async () => {
    const topic = await world.createTopic()
    const observed = world.startPoller(topic, { maximumBatchingWindowMs: 1000 })
    await observed.untilAssigned(1)
    await world.produceNumbers(topic, 1)
    await world.produceNumbers(topic, 1, { from: 1 })
    await observed.untilRecords(2)
    expect(observed.events).toHaveLength(1)
  })

  it('retries a failed batch until it succeeds, with the partition in its order and only one in flight', async () => {
    const topic = await world.createTopic(2)
    for (const partition of [0, 1]) await world.produceNumbers(topic, 40, { partition })
    const observed = world.startPoller(topic, { batchSize: 10, provisionedPollers })
    let left = 12
    observed.answer = () => (left-- > 0 ? failed : succeeded)
    await observed.untilCommitted(0, 40)
    await observed.untilCommitted(1, 40)
    for (const partition of [0, 1]) expect([...new Set(observed.values(partition))]).toEqual(numbersFrom(0, 40))
    expect(observed.mostInFlight()).toBe(1)
    expect(observed.poller.stats().retries).toBe(12)
  })

  it('commits only what succeeded, and the offset behind the last record', async () => {
    const topic = await world.createTopic()
    await world.produceNumbers(topic, 20)
    const observed = world.startPoller(topic, { batchSize: 10 })
    const allowed = { upTo: 10 }
    observed.answer = (event) => (recordsIn(event).some(({ offset }) => offset >= allowed.upTo) ? failed : succeeded)
    await eventually('the second batch to fail three times', () => observed.poller.stats().retries >= 3, WITHIN)
    expect(await world.committed(topic)).toEqual(new Map([[0, 10]]))
    allowed.upTo = 20
    await observed.untilCommitted(0, 20)
    expect(await world.committed(topic)).toEqual(new Map([[0, 20]]))
  })

  it('goes on with other partitions while one fails, in provisioned mode', async () => {
    const topic = await world.createTopic(2)
    const observed = world.startPoller(topic, { provisionedPollers })
    observed.answer = (event) => (recordsIn(event).some(({ partition }) => partition === 0) ? failed : succeeded)
    await observed.untilAssigned(2)
    await world.produceNumbers(topic, 1, { partition: 0 })
    await eventually('partition 0 to fail', () => observed.poller.stats().retries > 0, WITHIN)
    await world.produceNumbers(topic, 5, { partition: 1 })
    await observed.untilCommitted(1, 5)
    expect(await world.committed(topic)).toEqual(new Map([[1, 5]]))
  })

  it('runs up to five invocations at once in provisioned mode, and one on demand', async () => {
    const topic = await world.createTopic(8)
    for (const partition of numbersFrom(0, 8).map(Number)) await world.produceNumbers(topic, 20, { partition })
    const mostAtOnce = async (mode: object, expected: number): Promise<number> => {
      const observed = world.startPoller(topic, { batchSize: 5, consumerGroupId: `${topic}-${expected}`, ...mode })
      let [now, most] = [0, 0]
      const gate = Promise.withResolvers<InvokeResult>()
      observed.answer = async () => {
        now += 1
        most = Math.max(most, now)
        const result = await gate.promise
        now -= 1
        return result
      }
      await eventually(`${expected} at once`, () => now === expected, WITHIN)
      gate.resolve(succeeded)
      await observed.untilRecords(160)
      expect(observed.mostInFlight()).toBe(1)
      return most
    }
    expect(await mostAtOnce({ provisionedPollers }, 5)).toBe(5)
    expect(await mostAtOnce({}, 1)).toBe(1)
  })

  it('fills events up to 6 MB of JSON and never over', async () => {
    const topic = await world.createTopic()
    for (let sent = 0; sent < 12; sent++) {
      await world.produce(
        topic,
        Array.from({ length: 8 }, () => ({ value: Buffer.alloc(120_000, sent) })),
      )
    }
    const observed = world.startPoller(topic, { batchSize: 10_000, maximumBatchingWindowMs: 2000 })
    await observed.untilRecords(96)
    const sizes = observed.events.map(({ bytes }) => bytes)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * MEBIBYTE)
    expect(Math.max(...sizes)).toBeGreaterThan(6 * MEBIBYTE - 170_000)
    expect(observed.records().map(({ offset }) => offset)).toEqual(numbersFrom(0, 96).map(Number))
  })

  it('leaves a record that no event can hold unprocessed, says so, and goes on behind it', async () => {
    const topic = await world.createTopic(1, { 'max.message.bytes': String(10 * MEBIBYTE) })
    for (const bytes of [10, 4_718_000, 4_730_000, 11]) await world.produce(topic, [{ value: Buffer.alloc(bytes) }])
    const observed = world.startPoller(topic)
    await observed.untilCommitted(0, 4)
    expect(observed.records().map(({ offset }) => offset)).toEqual([0, 1, 3])
    expect(observed.happenings.filter(({ kind }) => kind === 'unprocessed')).toMatchObject([
      { partition: 0, offset: 2 },
    ])
    expect(observed.poller.stats().unprocessed).toBe(1)
  })

  it('goes on where it was after it was disabled and enabled, and brings nothing meanwhile', async () => {
    const topic = await world.createTopic()
    await world.produceNumbers(topic, 10)
    const observed = world.startPoller(topic)
    await observed.untilCommitted(0, 10)
    const paused = observed.poller.pause()
    await eventually('the state Disabling', () => observed.poller.state() !== 'Enabled', WITHIN)
    await paused
    expect(observed.poller.state()).toBe('Disabled')
    await world.produceNumbers(topic, 5, { from: 10 })
    const { groups } = await world.admin.describeGroups([`group-${topic}`])
    expect(groups.map(({ state, members }) => [state, members.length])).toEqual([['Empty', 0]])
    expect(observed.records()).toHaveLength(10)
    await observed.poller.resume()
    await observed.untilRecords(15)
    expect(observed.values()).toEqual(numbersFrom(0, 15))
    const states = observed.happenings.flatMap((happening) => (happening.kind === 'state' ? [happening.state] : []))
    expect(states).toEqual(['Creating', 'Enabled', 'Disabling', 'Disabled', 'Enabling', 'Enabled'])
  })

  it('lets the batch in flight end before it is disabled, and does not retry one that failed', async () => {
    const topic = await world.createTopic()
    await world.produceNumbers(topic, 1)
    const observed = world.startPoller(topic)
    const gate = Promise.withResolvers<InvokeResult>()
    observed.answer = () => gate.promise
    await observed.untilRecords(1)
    const paused = observed.poller.pause()
    gate.resolve(failed)
    await paused
    expect(observed.events).toHaveLength(1)
    expect(await world.committed(topic)).toEqual(new Map())
  })

  it('is disabled although its source does not answer, and goes on when it does', async () => {
    const topic = await world.createTopic()
    await world.produceNumbers(topic, 10)
    const observed = world.startPoller(topic)
    await observed.untilCommitted(0, 10)
    const [broker] = world.cluster.brokers
    broker?.pause()
    try {
      let isDisabled = false
      void observed.poller.pause().then(() => {
        isDisabled = true
      })
      await eventually('the state Disabled', () => isDisabled, { withinMs: 10_000 })
    } finally {
      broker?.resume()
    }
    await world.produceNumbers(topic, 5, { from: 10 })
    await observed.poller.resume()
    await observed.untilRecords(15)
    expect(observed.values()).toEqual(numbersFrom(0, 15))
  })

  it('takes the delays of AWS when it is told to', async () => {
    const topic = await world.createTopic()
    const observed = world.startPoller(topic, {}, { delays: { createMs: 0, enableMs: 0, disableMs: 800 } })
    await observed.untilAssigned(1)
    const paused = observed.poller.pause()
    await eventually('the state Disabling', () => observed.poller.state() === 'Disabling', WITHIN)
    await world.produceNumbers(topic, 1)
    await paused
    expect(observed.values()).toEqual(['0'])
  })

  it('discards a batch after the allowed retries in provisioned mode, says so, and goes on', async () => {
    const topic = await world.createTopic()
    await world.produceNumbers(topic, 4)
    const given = { maximumRetryAttempts: 1, bisectBatchOnFunctionError: true, provisionedPollers }
    const observed = world.startPoller(topic, given)
    observed.answer = (event) => (recordsIn(event).some(({ offset }) => offset === 2) ? failed : succeeded)
    await observed.untilCommitted(0, 4)
    expect(observed.happenings.filter(({ kind }) => kind === 'discarded')).toEqual([
      { kind: 'discarded', ranges: [{ partition: 0, first: 2, last: 2, count: 1 }] },
    ])
  })

  it('keeps to its group while faults of every kind befall it', async () => {
    const topic = await world.createTopic(3)
    for (const partition of [0, 1, 2]) await world.produceNumbers(topic, 200, { partition })
    const observed = world.startPoller(
      topic,
      { batchSize: 20, provisionedPollers },
      {
        faults: {
          seed: 11,
          deliverTwice: { chance: 0.3, how: 'side-by-side' },
          recutOnRetry: { chance: 1 },
          replayOld: { chance: 0.3, remember: 3 },
          timeout: { chance: 0.2, afterMs: 20, how: 'abandon' },
        },
      },
    )
    let calls = 0
    observed.answer = async () => (calls++ % 3 === 0 ? failed : succeeded)
    for (const partition of [0, 1, 2]) await observed.untilCommitted(partition, 200)
    await observed.poller.stop()
    for (const partition of [0, 1, 2]) expect(new Set(observed.values(partition)).size).toBe(200)
    const whys = new Set(observed.events.map(({ options }) => options.why))
    expect(whys).toEqual(new Set(['first', 'retry', 'duplicate', 'replay']))
  })
})
