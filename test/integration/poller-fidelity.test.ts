import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type EventRecord, PollerWorld, type ProducedRecord, recordsIn, textOf } from '../support/poller-world.ts'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const KEEP_ANY_TIME = { 'message.timestamp.after.max.ms': String(2n ** 63n - 1n) }
const BIG = Buffer.alloc(90_000, 'a bit of text that packs well; ')

const AWKWARD: readonly ProducedRecord[] = [
  { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 0n },
  { key: null, value: Buffer.from([0, 255, 128, 10]), timestamp: 1n },
  { key: Buffer.from([255, 254]), value: null, timestamp: 1_000n },
  { key: null, value: null, timestamp: 1_000n },
  { key: Buffer.alloc(0), value: Buffer.alloc(0), timestamp: 1_545_084_650_987n },
  {
    value: Buffer.from('headers'),
    timestamp: 1_795_000_000_000n,
    headers: [
      ['trace', Buffer.from('1')],
      ['10', Buffer.from([0, 127, 128, 255])],
      ['trace', null],
      ['', Buffer.from('no name')],
      ['trace', Buffer.alloc(0)],
      ['größe 🌊', Buffer.from('ë')],
    ],
  },
  { value: BIG, timestamp: 2_644_745_018_331n },
]

const decoded = ({ key, value, headers, timestamp }: EventRecord): ProducedRecord => ({
  key: key === undefined ? null : Buffer.from(key, 'base64'),
  value: value === undefined ? null : Buffer.from(value, 'base64'),
  timestamp: BigInt(timestamp),
  headers: headers.flatMap((header) =>
    Object.entries(header).map(([name, bytes]) => [name, bytes === null ? null : Buffer.from(bytes)] as const),
  ),
})

const whole = ({ key = null, value, headers = [], timestamp }: ProducedRecord): ProducedRecord => ({
  key,
  value,
  headers,
  ...(timestamp !== undefined && { timestamp }),
})

describe('the poller', () => {
  let world: PollerWorld
  beforeAll(async () => {
    world = await PollerWorld.start()
  })
  afterEach(() => world.endPollers())
  afterAll(() => world.stop())

  /** Everything of a topic, as the function got it. */
  const deliveredOf = async (topic: string, count: number): Promise<EventRecord[]> => {
    const observed = world.startPoller(topic)
    await observed.untilRecords(count)
    await observed.poller.stop()
    return observed.records()
  }

  it.each(CODECS)('brings every byte of awkward records that a client packed with %s', async (codec) => {
    const topic = await world.createTopic(1, KEEP_ANY_TIME)
    await world.produce(topic, AWKWARD, codec)
    const records = await deliveredOf(topic, AWKWARD.length)
    expect(records.map(decoded)).toEqual(AWKWARD.map(whole))
    expect(records.map(({ offset }) => offset)).toEqual(AWKWARD.map((_, offset) => offset))
  })

  it.each(CODECS.slice(1))('brings every byte of awkward records that Kafka itself packed with %s', async (codec) => {
    const topic = await world.createTopic(1, { ...KEEP_ANY_TIME, 'compression.type': codec })
    await world.produce(topic, [...AWKWARD, ...AWKWARD.slice(-1)])
    const records = await deliveredOf(topic, AWKWARD.length + 1)
    expect(records.map(decoded)).toEqual([...AWKWARD, ...AWKWARD.slice(-1)].map(whole))
  })

  it('brings the time of the broker where the topic asks for it', async () => {
    const topic = await world.createTopic(1, { 'message.timestamp.type': 'LogAppendTime' })
    const before = Date.now()
    await world.produce(topic, [{ value: Buffer.from('v'), timestamp: 5n }])
    const [record] = await deliveredOf(topic, 1)
    expect(record?.timestampType).toBe('LOG_APPEND_TIME')
    expect(record?.timestamp).toBeGreaterThanOrEqual(before)
  })

  it('brings the event of a self-managed source, keyed by topic and partition', async () => {
    const topic = await world.createTopic(2)
    await world.produceNumbers(topic, 2, { partition: 1 })
    const observed = world.startPoller(topic)
    await observed.untilRecords(2)
    const [event] = observed.events
    expect(event).toMatchObject({
      eventSource: 'SelfManagedKafka',
      bootstrapServers: world.cluster.bootstrapServers.join(','),
    })
    expect(event).not.toHaveProperty('eventSourceArn')
    expect(Object.keys(event?.records ?? {})).toEqual([`${topic}-1`])
    expect(event && recordsIn(event).map((record) => [record.topic, record.partition, textOf(record)])).toEqual([
      [topic, 1, '0'],
      [topic, 1, '1'],
    ])
  })

  describe('on a topic with aborted transactions', () => {
    const writeTransactions = async (topic: string): Promise<void> => {
      const producer = world.kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true })
      await producer.connect()
      for (const [value, end] of [
        ['a1', 'abort'],
        ['c1', 'commit'],
        ['a2', 'abort'],
        ['a3', 'abort'],
        ['c2', 'commit'],
      ] as const) {
        const transaction = await producer.transaction()
        await transaction.send({ topic, messages: [{ partition: 0, value }] })
        await transaction[end]()
      }
      await producer.disconnect()
      await world.produce(topic, [{ value: Buffer.from('plain') }])
    }

    it('brings the aborted records too when it reads uncommitted, as the Java client does by default', async () => {
      const topic = await world.createTopic()
      await writeTransactions(topic)
      const observed = world.startPoller(topic)
      await observed.untilRecords(6)
      expect(observed.values()).toEqual(['a1', 'c1', 'a2', 'a3', 'c2', 'plain'])
    })

    it('brings none of them when it reads committed, and commits behind the last record', async () => {
      const topic = await world.createTopic()
      await writeTransactions(topic)
      const observed = world.startPoller(topic, {}, { isolation: 'read_committed' })
      await observed.untilRecords(3)
      expect(observed.values()).toEqual(['c1', 'c2', 'plain'])
      const last = observed.records().at(-1)?.offset ?? 0
      await observed.untilCommitted(0, last + 1)
    })

    it('waits for an open transaction to end when it reads committed', async () => {
      const topic = await world.createTopic()
      const producer = world.kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true })
      await producer.connect()
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ partition: 0, value: 'open' }] })
      await world.produce(topic, [{ value: Buffer.from('behind') }])
      const uncommitted = world.startPoller(topic, { consumerGroupId: `${topic}-uncommitted` })
      const observed = world.startPoller(topic, {}, { isolation: 'read_committed' })
      await uncommitted.untilRecords(2)
      expect(observed.records()).toEqual([])
      await transaction.commit()
      await observed.untilRecords(2)
      expect(observed.values()).toEqual(['open', 'behind'])
      await producer.disconnect()
    })
  })
})
