import { describe, expect, it } from 'vitest'
import { KafkaTopicAdmin } from '../../../../../shared/adapters/kafka/kafka-topic-admin.ts'
import type { RequestWriter } from '../../../../../shared/adapters/kafka/requests/request-writer.ts'
import { startDeadline } from '../../../../../shared/adapters/running-deadline.ts'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import { type ScriptedAnswer, type ScriptedBroker, startScriptedBroker } from '../../../../support/scripted-broker.ts'
import { newTopic } from '../../../../support/topic-admin-contract.ts'

const METADATA = 3
const CREATE_TOPICS = 19
const DELETE_TOPICS = 20
const DESCRIBE_CONFIGS = 32

const NONE = 0
const UNKNOWN_TOPIC = 3
const LEADER_NOT_AVAILABLE = 5
const TIMED_OUT = 7
const DENIED = 29
const EXISTS = 36
const NOT_CONTROLLER = 41

interface ScriptedTopic {
  readonly topic: string
  readonly error?: number
  readonly id?: bigint
  /** The leaders of its partitions, `-1` for none. */
  readonly leaders?: readonly number[]
}

/** Metadata v12. */
const metadata =
  (port: number, topics: readonly ScriptedTopic[] = []) =>
  (writer: RequestWriter): unknown =>
    writer
      .noTags()
      .int32(0)
      .compactArray([port], () => writer.int32(0).compactString('127.0.0.1').int32(port).unsignedVarint(0).noTags())
      .compactString('the-cluster')
      .int32(0)
      .compactArray(topics, (topic) => writeTopic(writer, topic))
      .noTags()

const writeTopic = (writer: RequestWriter, { topic, error = NONE, id = 1n, leaders = [0] }: ScriptedTopic): void => {
  writer.int16(error).compactString(topic).int64(0n).int64(id).boolean(false)
  writer.compactArray([...leaders.entries()], ([partition, leader]) => {
    writer.int16(leader < 0 ? LEADER_NOT_AVAILABLE : NONE)
    writer.int32(partition).int32(leader).int32(0)
    writer.compactArray([0, 1, 2].slice(partition), (replica) => writer.int32(replica))
    for (let lists = 0; lists < 2; lists++) writer.compactArray([], () => undefined)
    writer.noTags()
  })
  writer.int32(0).noTags()
}

/** CreateTopics v2. */
const created = (...errors: [string, number][]): ScriptedAnswer => {
  return (writer) =>
    writer.int32(0).array(errors, ([topic, error]) => writer.string(topic).int16(error).string('its own words'))
}

/** DeleteTopics v3. */
const deleted = (topic: string, error: number): ScriptedAnswer => {
  return (writer) => writer.int32(0).array([topic], () => writer.string(topic).int16(error))
}

/** Answers one API with one answer after the other, the last again and again, and knows `topics`. */
const startBroker = async (
  api: number,
  answers: readonly ScriptedAnswer[],
  topics: readonly ScriptedTopic[] = [],
): Promise<ScriptedBroker> => {
  let asked = 0
  const broker: ScriptedBroker = await startScriptedBroker((apiKey) => {
    if (apiKey === METADATA && api !== METADATA) return metadata(broker.port, topics)
    return apiKey === api ? answers[Math.min(asked++, answers.length - 1)] : undefined
  })
  return broker
}

const withAdmin = async <T>(
  broker: ScriptedBroker,
  work: (admin: KafkaTopicAdmin, deadline: Deadline) => Promise<T>,
  { deadlineMs = 20_000, bulkMs = 20_000 } = {},
): Promise<T> => {
  const access = { cluster: 'paris', bootstrapServers: [broker.address], tls: false, login: { kind: 'none' as const } }
  const secrets = { read: () => Promise.reject(new Error('none needed')) }
  const admin = new KafkaTopicAdmin(access, { secrets, side: 'source', timeouts: { bulkMs } })
  const deadline = startDeadline(deadlineMs)
  try {
    return await work(admin, deadline)
  } finally {
    deadline.end()
    admin.close()
  }
}

const timesAsked = ({ asked }: ScriptedBroker, api: number): number => asked.flat().filter((one) => one === api).length

const createOrders = (admin: KafkaTopicAdmin, deadline: Deadline) => admin.create([newTopic('orders')], deadline)

/** A cluster that was never given an id. */
const withoutId: ScriptedAnswer = (writer) =>
  writer
    .noTags()
    .int32(0)
    .compactArray([], () => undefined)
    .unsignedVarint(0)
    .int32(0)
    .compactArray([], () => undefined)
    .noTags()

const describing = async (
  topics: readonly ScriptedTopic[],
  look: (described: Awaited<ReturnType<KafkaTopicAdmin['describe']>>) => void,
): Promise<void> => {
  await using broker = await startBroker(DESCRIBE_CONFIGS, [], topics)
  look(await withAdmin(broker, (admin, deadline) => admin.describe(deadline)))
}

describe('the topics of a cluster', () => {
  it('are told although some of them are broken, and none of those is taken for deleted', async () => {
    await describing(
      [
        { topic: 'whole', leaders: [0, 0] },
        { topic: 'leaderless', leaders: [0, -1] },
        { topic: 'electing', error: LEADER_NOT_AVAILABLE },
        { topic: 'nameless', id: 0n },
        { topic: 'empty', leaders: [] },
        { topic: 'deleted', error: UNKNOWN_TOPIC },
      ],
      ({ topics, undescribed, clusterId, brokers }) => {
        expect({ clusterId, brokers }).toEqual({ clusterId: 'the-cluster', brokers: 1 })
        expect([...topics.values()]).toMatchObject([
          { topic: 'whole', partitions: 2, replicationFactor: 2 },
          { topic: 'leaderless', partitions: 2 },
        ])
        expect([...undescribed.keys()]).toEqual(['electing', 'nameless', 'empty'])
        const messages = [...undescribed.values()].map(({ message }) => message)
        expect(messages[0]).toMatch(/^SOURCE_UNREACHABLE: describing electing on paris: LEADER_NOT_AVAILABLE/)
        expect(messages[1]).toMatch(/no ids/)
      },
    )
  })

  it('are asked for once more when they are named and not in the list', async () => {
    let port = 0
    const list = (writer: RequestWriter) => metadata(port, [{ topic: 'seen' }])(writer)
    const ofNamed = (writer: RequestWriter) => metadata(port, [{ topic: 'hidden', error: DENIED }])(writer)
    await using broker = await startBroker(METADATA, [list, list, ofNamed])
    port = broker.port
    await withAdmin(broker, (admin, deadline) => admin.describe(deadline, ['seen']))
    expect(timesAsked(broker, METADATA)).toBe(1)
    const { topics, undescribed } = await withAdmin(broker, (admin, deadline) =>
      admin.describe(deadline, ['seen', 'hidden']),
    )
    expect([...topics.keys()]).toEqual(['seen'])
    expect(undescribed.get('hidden')?.message).toContain('User:ANONYMOUS lacks DESCRIBE on Topic `hidden`')
    expect(timesAsked(broker, METADATA)).toBe(3)
  })

  it('tell of a deadline what the cluster said before it', async () => {
    await using broker = await startBroker(METADATA, [withoutId, undefined])
    const asking = withAdmin(broker, (admin, deadline) => admin.describe(deadline), { deadlineMs: 1_500 })
    await expect(asking).rejects.toThrow(/^SOURCE_UNREACHABLE: .*paris: the cluster does not tell its id/)
  })
})

describe('a change of topics', () => {
  it('is made again by the next controller', async () => {
    await using broker = await startBroker(CREATE_TOPICS, [
      created(['orders', NOT_CONTROLLER], ['customers', NONE]),
      created(['orders', NONE]),
    ])
    const answers = await withAdmin(broker, (admin, deadline) =>
      admin.create([newTopic('orders'), newTopic('customers')], deadline),
    )
    expect([...answers]).toEqual([
      ['customers', 'created'],
      ['orders', 'created'],
    ])
    expect(timesAsked(broker, CREATE_TOPICS)).toBe(2)
  })

  it('that was answered in part keeps its answers when time is up', async () => {
    await using broker = await startBroker(CREATE_TOPICS, [
      created(['orders', NOT_CONTROLLER], ['customers', NONE]),
      created(['orders', NOT_CONTROLLER]),
    ])
    const answers = await withAdmin(
      broker,
      (admin, deadline) => admin.create([newTopic('orders'), newTopic('customers')], deadline),
      { deadlineMs: 1_500 },
    )
    expect(answers.get('customers')).toBe('created')
    const because = 'SOURCE_UNREACHABLE: creating orders on paris: NOT_CONTROLLER, its own words (check'
    expect(String(answers.get('orders'))).toContain(because)
  })

  it('tells of a deadline what the cluster said before it', async () => {
    await using broker = await startBroker(CREATE_TOPICS, [created(['orders', NOT_CONTROLLER]), undefined])
    const creating = withAdmin(broker, createOrders, { deadlineMs: 1_500 })
    await expect(creating).rejects.toThrow(/creating orders on paris: NOT_CONTROLLER/)
    expect(timesAsked(broker, CREATE_TOPICS)).toBe(2)
  })

  it.each<[string, ScriptedAnswer]>([
    ['of which no answer came', 'hangs up'],
    ['that took too long', created(['orders', TIMED_OUT])],
  ])('%s is tried again, and what is there then may be of the first try', async (_what, first) => {
    await using broker = await startBroker(CREATE_TOPICS, [first, created(['orders', EXISTS])])
    const answer = (await withAdmin(broker, createOrders)).get('orders')
    expect(answer).toMatchObject({
      code: 'TOPIC_EXISTS',
      message: expect.stringContaining('perhaps by an earlier try'),
    })
  })

  it('finds what was there before, and says that a list may have left it out', async () => {
    await using broker = await startBroker(CREATE_TOPICS, [created(['orders', EXISTS])])
    const answer = (await withAdmin(broker, createOrders)).get('orders')
    expect(answer).toMatchObject({ code: 'TOPIC_EXISTS', message: expect.stringContaining('DESCRIBE') })
  })

  it('of which no answer ever came is in doubt', async () => {
    await using broker = await startBroker(CREATE_TOPICS, [undefined])
    const creating = withAdmin(broker, createOrders, { deadlineMs: 1_500, bulkMs: 300 })
    await expect(creating).rejects.toThrow(
      /^SOURCE_UNREACHABLE: creating orders on paris: no answer .* may have been done/,
    )
  })

  it('takes a topic for deleted that is gone after a try without an answer', async () => {
    await using broker = await startBroker(DELETE_TOPICS, ['hangs up', deleted('orders', UNKNOWN_TOPIC)])
    const answers = await withAdmin(broker, (admin, deadline) => admin.remove(['orders'], deadline))
    expect(answers.get('orders')).toBe('removed')
  })

  it('does not take a topic for deleted by us that was never there', async () => {
    await using broker = await startBroker(DELETE_TOPICS, [deleted('orders', UNKNOWN_TOPIC)])
    const answers = await withAdmin(broker, (admin, deadline) => admin.remove(['orders'], deadline))
    expect(answers.get('orders')).toMatchObject({ code: 'SOURCE_TOPIC_UNKNOWN' })
  })
})

describe('the settings of a topic', () => {
  /** DescribeConfigs v1. */
  const described = (error: number): ScriptedAnswer => {
    const settings = [
      { name: 'of-the-topic', value: 'a', readOnly: 0, source: 1, sensitive: 0 },
      { name: 'of-the-broker', value: 'b', readOnly: 1, source: 4, sensitive: 0 },
      { name: 'secret', value: undefined, readOnly: 0, source: 1, sensitive: 1 },
    ]
    return (writer) =>
      writer.int32(0).array(['orders'], () => {
        writer.int16(error).nullString().int8(2).string('orders')
        writer.array(error === NONE ? settings : [], ({ name, value, readOnly, source, sensitive }) => {
          writer.string(name)
          if (value === undefined) writer.nullString()
          else writer.string(value)
          writer.int8(readOnly).int8(source).int8(sensitive)
          writer.array([], () => undefined)
        })
      })
  }

  const ordersOf = async (broker: ScriptedBroker) =>
    (await withAdmin(broker, (admin, deadline) => admin.settings(['orders'], deadline))).get('orders')

  it('have an origin, and some are sensitive or cannot be changed', async () => {
    await using broker = await startBroker(DESCRIBE_CONFIGS, [described(NONE)])
    expect(await ordersOf(broker)).toEqual(
      new Map([
        ['of-the-topic', { value: 'a', origin: 'topic', sensitive: false, readOnly: false }],
        ['of-the-broker', { value: 'b', origin: 'inherited', sensitive: false, readOnly: true }],
        ['secret', { origin: 'topic', sensitive: true, readOnly: false }],
      ]),
    )
  })

  it('are asked for again while a broker has not heard of a new topic', async () => {
    await using broker = await startBroker(DESCRIBE_CONFIGS, [described(UNKNOWN_TOPIC), described(NONE)])
    expect(await ordersOf(broker)).toBeInstanceOf(Map)
    expect(timesAsked(broker, DESCRIBE_CONFIGS)).toBe(2)
  })

  it('that we may not read are denied at once, with who lacks what', async () => {
    await using broker = await startBroker(DESCRIBE_CONFIGS, [described(DENIED)])
    const message = 'reading the settings of orders on paris: User:ANONYMOUS lacks DESCRIBE_CONFIGS on Topic `orders`'
    expect(await ordersOf(broker)).toMatchObject({ code: 'TOPIC_DENIED', message: expect.stringContaining(message) })
    expect(timesAsked(broker, DESCRIBE_CONFIGS)).toBe(1)
  })
})
