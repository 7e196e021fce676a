import { describe, expect, it } from 'vitest'
import { KafkaGroupAdmin } from '../../../../../shared/adapters/kafka/kafka-group-admin.ts'
import type { RequestWriter } from '../../../../../shared/adapters/kafka/requests/request-writer.ts'
import { startDeadline } from '../../../../../shared/adapters/running-deadline.ts'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import { newOffsets, outcomes } from '../../../../support/group-admin-contract.ts'
import { type ScriptedAnswer, type ScriptedBroker, startScriptedBroker } from '../../../../support/scripted-broker.ts'

const METADATA = 3
const OFFSET_COMMIT = 8
const OFFSET_FETCH = 9
const FIND_COORDINATOR = 10
const LIST_GROUPS = 16

const NONE = 0
const UNKNOWN_TOPIC = 3
const TIMED_OUT = 7
const LOADING = 14
const NOT_AVAILABLE = 15
const NOT_COORDINATOR = 16
const TOPIC_DENIED = 29
const GROUP_DENIED = 30
const GROUP_NOT_FOUND = 69
const UNSTABLE = 88

/** Metadata v12 of one broker. */
const metadata = (port: number) => (writer: RequestWriter) =>
  writer
    .noTags()
    .int32(0)
    .compactArray([port], () => writer.int32(0).compactString('127.0.0.1').int32(port).unsignedVarint(0).noTags())
    .compactString('the-cluster')
    .int32(0)
    .compactArray([], () => undefined)
    .noTags()

/** FindCoordinator v4. */
const found =
  (port: number, error = NONE, group = 'billing') =>
  (writer: RequestWriter) =>
    writer
      .noTags()
      .int32(0)
      .compactArray([group], () =>
        writer
          .compactString(group)
          .int32(0)
          .compactString('127.0.0.1')
          .int32(port)
          .int16(error)
          .nullCompactString()
          .noTags(),
      )
      .noTags()

/** OffsetCommit v8 of `orders`. */
const said =
  (...errors: readonly number[]): ScriptedAnswer =>
  (writer) =>
    writer
      .noTags()
      .int32(0)
      .compactArray(['orders'], (topic) =>
        writer
          .compactString(topic)
          .compactArray([...errors.entries()], ([partition, error]) => writer.int32(partition).int16(error).noTags())
          .noTags(),
      )
      .noTags()

interface Read {
  readonly error?: number
  readonly offset?: bigint
}

/** OffsetFetch v8 of `orders`. */
const read = (groupError: number, ...partitions: readonly Read[]): ScriptedAnswer =>
  readOf(['billing'], groupError, partitions)

const readOf =
  (groups: readonly string[], groupError: number, partitions: readonly Read[]): ScriptedAnswer =>
  (writer) =>
    writer
      .noTags()
      .int32(0)
      .compactArray(groups, (group) => {
        writer.compactString(group).compactArray(['orders'], (topic) =>
          writer
            .compactString(topic)
            .compactArray([...partitions.entries()], ([partition, { error = NONE, offset = -1n }]) =>
              writer.int32(partition).int64(offset).int32(-1).nullCompactString().int16(error).noTags(),
            )
            .noTags(),
        )
        writer.int16(groupError).noTags()
      })
      .noTags()

/** Answers each API with one answer after the other, the last again and again; by itself it is the coordinator. */
const startBroker = async (
  scripts: Readonly<Record<number, readonly ScriptedAnswer[]>>,
  newest: Readonly<Record<number, number>> = {},
): Promise<ScriptedBroker> => {
  const turns = new Map<number, number>()
  const broker: ScriptedBroker = await startScriptedBroker((apiKey) => {
    const script = scripts[apiKey]
    if (script === undefined) return apiKey === METADATA ? metadata(broker.port) : found(broker.port)
    const turn = turns.get(apiKey) ?? 0
    turns.set(apiKey, turn + 1)
    return script[Math.min(turn, script.length - 1)]
  }, newest)
  return broker
}

const withAdmin = async <T>(
  broker: ScriptedBroker,
  work: (admin: KafkaGroupAdmin, deadline: Deadline) => Promise<T>,
  { deadlineMs = 20_000 } = {},
): Promise<T> => {
  const access = { cluster: 'paris', bootstrapServers: [broker.address], tls: false, login: { kind: 'none' as const } }
  const secrets = { read: () => Promise.reject(new Error('none needed')) }
  const timeouts = { questionMs: 20_000, bulkMs: 20_000 }
  const admin = new KafkaGroupAdmin(access, { secrets, side: 'source', timeouts })
  const deadline = startDeadline(deadlineMs)
  try {
    return await work(admin, deadline)
  } finally {
    deadline.end()
    admin.close()
  }
}

const timesAsked = ({ asked }: ScriptedBroker, api: number): number => asked.flat().filter((one) => one === api).length

const commit = (broker: ScriptedBroker, partitions: readonly number[] = [0], how = {}) =>
  withAdmin(
    broker,
    async (admin, deadline) => {
      const offsets = Object.fromEntries(partitions.map((partition) => [partition, 5n]))
      const answers = await admin.commit(new Map([['billing', newOffsets({ orders: offsets })]]), deadline)
      return answers.get('billing')
    },
    how,
  )

const committed = (broker: ScriptedBroker, how = {}) =>
  withAdmin(broker, async (admin, deadline) => (await admin.committed(['billing'], deadline)).get('billing'), how)

const errorsIn = (answers: Awaited<ReturnType<typeof commit>>): string =>
  [...(answers?.get('orders')?.values() ?? [])].map((one) => ('error' in one ? one.error.message : one.kind)).join()

describe('the groups of a cluster', () => {
  /** ListGroups v5, or v4 without kinds. */
  const listing =
    (
      error: number,
      groups: readonly (readonly [name: string, state: string, type?: string | undefined])[],
    ): ScriptedAnswer =>
    (writer) =>
      writer
        .noTags()
        .int32(0)
        .int16(error)
        .compactArray(groups, ([name, state, type]) => {
          writer.compactString(name).compactString('consumer').compactString(state)
          if (type !== undefined) writer.compactString(type)
          writer.noTags()
        })
        .noTags()

  const listed = (broker: ScriptedBroker, how = {}) => withAdmin(broker, (admin, deadline) => admin.list(deadline), how)

  it('are of a kind, and live in every state but two', async () => {
    const live = ['PreparingRebalance', 'CompletingRebalance', 'Stable', 'Assigning', 'Reconciling', 'NotReady']
    const states = [...live, 'Empty', 'Dead']
    const types = ['classic', 'consumer', 'streams', 'share', 'Consumer', 'unheard-of', 'classic', 'classic']
    await using broker = await startBroker({
      [LIST_GROUPS]: [
        listing(
          NONE,
          states.map((state, at) => [state, state, types[at]] as const),
        ),
      ],
    })
    const { groups, troubles } = await listed(broker)
    expect(troubles).toEqual([])
    expect([...groups.values()].filter(({ life }) => life === 'live').map(({ group }) => group)).toEqual(live)
    const kinds = ['classic', 'consumer', 'streams', 'share', 'consumer', undefined, 'classic', 'classic']
    expect([...groups.values()].map(({ kind }) => kind)).toEqual(kinds)
  })

  it('are of no kind where the brokers are too old to tell', async () => {
    const old = { [LIST_GROUPS]: 4 }
    await using broker = await startBroker({ [LIST_GROUPS]: [listing(NONE, [['billing', 'Stable']])] }, old)
    const { groups } = await listed(broker)
    expect(groups).toEqual(new Map([['billing', { group: 'billing', life: 'live' }]]))
  })

  it('are asked for again while a coordinator reads its log', async () => {
    await using broker = await startBroker({
      [LIST_GROUPS]: [listing(LOADING, []), 'hangs up', listing(NONE, [['billing', 'Empty', 'classic']])],
    })
    expect([...(await listed(broker)).groups.keys()]).toEqual(['billing'])
    expect(timesAsked(broker, LIST_GROUPS)).toBe(3)
  })

  it('are not listed when no broker answers, and the last word of one is told', async () => {
    await using broker = await startBroker({ [LIST_GROUPS]: [listing(LOADING, [])] })
    const late = listed(broker, { deadlineMs: 1_500 })
    await expect(late).rejects.toThrow(/^SOURCE_UNREACHABLE: listing the groups of paris: .*COORDINATOR_LOAD/)
  })
})

describe('the offsets of a group', () => {
  it('are read, and what was never committed is absent', async () => {
    await using broker = await startBroker({
      [OFFSET_FETCH]: [read(NONE, { offset: 0n }, {}, { offset: 7n }, { error: UNKNOWN_TOPIC })],
    })
    expect(outcomes(await committed(broker))).toEqual({ 'orders-0': 0n, 'orders-2': 7n })
  })

  it('are none when there is no such group', async () => {
    await using broker = await startBroker({ [OFFSET_FETCH]: [read(GROUP_NOT_FOUND)] })
    expect(outcomes(await committed(broker))).toEqual({})
  })

  it('are waited for while a transaction ends', async () => {
    const ended = read(NONE, { offset: 9n })
    await using broker = await startBroker({ [OFFSET_FETCH]: [read(NONE, { error: UNSTABLE }), ended] })
    expect(outcomes(await committed(broker))).toEqual({ 'orders-0': 9n })
    expect(timesAsked(broker, OFFSET_FETCH)).toBe(2)
  })

  it('are unstable when it does not, and the others are told all the same', async () => {
    await using broker = await startBroker({ [OFFSET_FETCH]: [read(NONE, { error: UNSTABLE }, { offset: 7n })] })
    const began = Date.now()
    expect(outcomes(await committed(broker))).toEqual({ 'orders-0': 'unstable', 'orders-1': 7n })
    expect(Date.now() - began).toBeGreaterThan(1_900)
    expect(outcomes(await committed(broker, { deadlineMs: 3_000 }))).toMatchObject({ 'orders-0': 'unstable' })
  })

  it('of one partition may be denied', async () => {
    await using broker = await startBroker({ [OFFSET_FETCH]: [read(NONE, { error: TOPIC_DENIED }, { offset: 7n })] })
    const offsets = await committed(broker)
    expect(outcomes(offsets)).toEqual({ 'orders-0': 'TOPIC_DENIED', 'orders-1': 7n })
    const answer = offsets instanceof Map ? offsets.get('orders')?.get(0) : undefined
    const lacks = 'in orders-0 on paris: User:ANONYMOUS lacks DESCRIBE on Topic `orders`'
    expect(answer?.error.message).toContain(lacks)
  })

  it.each<[string, ScriptedAnswer, number]>([
    ['of which no answer came', 'hangs up', 1],
    ['that the answer does not name', readOf([], NONE, []), 1],
    ['whose coordinator reads its log', read(LOADING), 1],
    ['whose coordinator is another broker now', read(NOT_COORDINATOR), 2],
    ['that has no coordinator now', read(NOT_AVAILABLE), 2],
  ])('%s are asked for again', async (_what, first, looks) => {
    await using broker = await startBroker({ [OFFSET_FETCH]: [first, read(NONE, { offset: 3n })] })
    expect(outcomes(await committed(broker))).toEqual({ 'orders-0': 3n })
    expect(timesAsked(broker, FIND_COORDINATOR)).toBeGreaterThanOrEqual(looks)
    expect(timesAsked(broker, OFFSET_FETCH)).toBe(2)
  })

  it('are denied with who lacks what, by the coordinator or on the way to it', async () => {
    await using broker = await startBroker({ [OFFSET_FETCH]: [read(GROUP_DENIED)] })
    const message =
      'reading the offsets of the group billing on paris: User:ANONYMOUS lacks DESCRIBE on Group `billing`'
    const denied = { code: 'GROUP_DENIED', message: expect.stringContaining(message) }
    expect(await committed(broker)).toMatchObject(denied)
    await using guarded = await startBroker({ [FIND_COORDINATOR]: [found(1, GROUP_DENIED)] })
    expect(await committed(guarded)).toMatchObject(denied)
    expect(timesAsked(guarded, OFFSET_FETCH)).toBe(0)
  })

  it('are told while there is time left for the group, although another one has no coordinator', async () => {
    await using broker = await startBroker({ [OFFSET_FETCH]: [read(NONE, { offset: 7n })] })
    const both = await withAdmin(
      broker,
      async (admin, deadline) => {
        const answers = await admin.committed(['billing', 'nobodys'], deadline)
        expect(deadline.at - Date.now()).toBeGreaterThan(1_000)
        expect(deadline.signal.aborted).toBe(false)
        return answers
      },
      { deadlineMs: 4_000 },
    )
    expect(outcomes(both.get('billing'))).toEqual({ 'orders-0': 7n })
    expect(both.get('nobodys')).toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })

  it('are not known at the deadline, which tells what the cluster said before it', async () => {
    await using broker = await startBroker({ [OFFSET_FETCH]: [read(LOADING), undefined] })
    const late = committed(broker, { deadlineMs: 3_000 })
    await expect(late).rejects.toThrow(/^SOURCE_UNREACHABLE: .* billing on paris: COORDINATOR_LOAD_IN_PROGRESS/)
  })
})

describe('a commit for a group', () => {
  it.each([22, 25, 27, 82, 110, 113])(
    'finds it live when the coordinator says %i, and does not insist',
    async (error) => {
      await using broker = await startBroker({ [OFFSET_COMMIT]: [said(error)] })
      expect(outcomes(await commit(broker))).toEqual({ 'orders-0': 'live' })
      expect(timesAsked(broker, OFFSET_COMMIT)).toBe(1)
    },
  )

  it.each([
    ['GROUP_REFUSED', 12, 'OFFSET_METADATA_TOO_LARGE'],
    ['GROUP_REFUSED', 24, 'INVALID_GROUP_ID'],
    ['GROUP_REFUSED', 28, 'INVALID_COMMIT_OFFSET_SIZE'],
    ['GROUP_REFUSED', GROUP_NOT_FOUND, 'GROUP_ID_NOT_FOUND'],
    ['GROUP_REFUSED', 999, 'Kafka error 999'],
    ['GROUP_DENIED', GROUP_DENIED, 'User:ANONYMOUS lacks READ on Group `billing` (with IAM: kafka-cluster:AlterGroup)'],
    ['TOPIC_DENIED', TOPIC_DENIED, 'User:ANONYMOUS lacks READ on Topic `orders` (with IAM: kafka-cluster:ReadData)'],
  ])('fails as %s for the partition of which the coordinator says %i', async (code, error, because) => {
    await using broker = await startBroker({ [OFFSET_COMMIT]: [said(error, NONE)] })
    const answers = await commit(broker, [0, 1])
    expect(outcomes(answers)).toEqual({ 'orders-0': code, 'orders-1': 'committed' })
    expect(errorsIn(answers)).toContain(`committing offsets for the group billing in orders-0 on paris: ${because}`)
    expect(timesAsked(broker, OFFSET_COMMIT)).toBe(1)
  })

  it.each<[string, ScriptedAnswer]>([
    ['no answer came', 'hangs up'],
    ['it took too long', said(TIMED_OUT)],
    ['the coordinator reads its log', said(LOADING)],
    ['the coordinator is another broker now', said(NOT_COORDINATOR)],
    ['a broker has not heard of a new topic', said(UNKNOWN_TOPIC)],
    ['the answer forgot a partition', said()],
  ])('is sent again when %s', async (_why, first) => {
    await using broker = await startBroker({ [OFFSET_COMMIT]: [first, said(NONE)] })
    expect(outcomes(await commit(broker))).toEqual({ 'orders-0': 'committed' })
    expect(timesAsked(broker, OFFSET_COMMIT)).toBe(2)
  })

  it('keeps what was committed when time is up for the rest', async () => {
    await using broker = await startBroker({ [OFFSET_COMMIT]: [said(NONE, LOADING)] })
    const answers = await commit(broker, [0, 1], { deadlineMs: 1_500 })
    expect(outcomes(answers)).toEqual({ 'orders-0': 'committed', 'orders-1': 'SOURCE_UNREACHABLE' })
    expect(errorsIn(answers)).toContain('COORDINATOR_LOAD_IN_PROGRESS')
  })

  it('asks nothing for a group without offsets', async () => {
    await using broker = await startBroker({})
    const nothing = new Map([['billing', newOffsets({ orders: {} })]])
    const answers = await withAdmin(broker, (admin, deadline) => admin.commit(nothing, deadline))
    expect(answers).toEqual(new Map([['billing', new Map()]]))
    expect(broker.asked).toEqual([])
  })
})
