import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type AwsRequest, errorResponse } from '../../local/aws/gateway/exchange.ts'
import { ConnectionCut, type FaultRule } from '../../local/aws/gateway/faults.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { INITIAL_STATUS } from '../../shared/domain/head.ts'
import { FLAWLESS, flawlessButForCopies } from '../support/flawless.ts'
import { deadlinesInTime, polled } from '../support/polled.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import { variedRecords } from '../support/varied-records.ts'

type Fault = FaultRule['fault']

const QUICK_TIMEOUT_MS = 6_000

let rig: Rig
let link: RigLink
beforeAll(async () => {
  rig = await startRig('bad-input')
  link = await rig.link({ quickTimeoutMs: QUICK_TIMEOUT_MS })
})
afterAll(() => rig?.stop())

const start = async (of: RigLink, topic: string, { partitions = 2, count = 30 } = {}): Promise<number> => {
  await of.source.createTopic(topic, { partitions })
  for (let partition = 0; partition < partitions; partition++)
    await of.source.produce(topic, partition, variedRecords(count, `${topic} ${partition}`))
  return partitions * count
}

const createTarget = (of: RigLink, topic: string, partitions = 2): Promise<void> =>
  of.target.createTopic(of.targetTopic(topic), { partitions })

/** A record as Lambda's poller puts it into an event. */
const inEvent = (topic: string, partition: number, offset: number, own: object = {}) => ({
  ...polled(offset),
  topic,
  partition,
  timestampType: 'CREATE_TIME',
  ...own,
})

const eventOf = (records: object) => ({ eventSource: 'SelfManagedKafka', bootstrapServers: '127.0.0.1:1', records })

describe('an event that no Kafka poller sends', () => {
  it.each([
    ['null', null],
    ['a list', []],
    ['an event of another source', { Records: [{ eventSource: 'aws:sqs' }] }],
    ['records that are a list', eventOf([])],
  ])('is refused: %s', async (_what, event) => {
    expect(await link.send(event)).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/^EVENT_MALFORMED/) })
  })

  it('fails the broken partition only, names it without its content, and replicates its neighbour', async () => {
    await start(link, 'half-broken', { count: 3 })
    await createTarget(link, 'half-broken')
    const secret = Buffer.from('secret').toString('base64')
    const broken = inEvent('half-broken', 0, 0, { offset: 'none', value: secret })
    const result = await link.send(
      eventOf({ 'half-broken-0': [broken], 'half-broken-1': [0, 1, 2].map((at) => inEvent('half-broken', 1, at)) }),
    )
    expect(result).toMatchObject({ kind: 'failed', reason: expect.stringContaining('half-broken-0') })
    expect(JSON.stringify(result)).not.toContain(secret)
    expect((await link.head({ topic: 'half-broken', partition: 1 }))?.nextSource).toBe(3n)
    expect(await link.head({ topic: 'half-broken', partition: 0 })).toBeUndefined()
    expect((await rig.target.logs(link.targetTopic('half-broken'))).map(({ size }) => size)).toEqual([0, 3])
  })

  it.each([
    ['offsets that go back', [inEvent('mangled', 0, 1), inEvent('mangled', 0, 0)]],
    ['records of two partitions in one list', [inEvent('mangled', 0, 0), inEvent('mangled', 1, 1)]],
    ['a value that is no text', [inEvent('mangled', 0, 0, { value: 7 })]],
    ['a timestamp that is no whole number', [inEvent('mangled', 0, 0, { timestamp: 1.5 })]],
    ['headers that are no bytes', [inEvent('mangled', 0, 0, { headers: [{ a: 'text' }] })]],
  ])('is refused whole, and nothing is appended: %s', async (_what, records) => {
    if (!(await rig.source.administer((admin) => admin.listTopics())).includes('mangled')) {
      await start(link, 'mangled', { count: 2 })
      await createTarget(link, 'mangled')
    }
    const result = await link.send(eventOf({ 'mangled-0': records }))
    expect(result).toMatchObject({ kind: 'failed', reason: expect.stringContaining('EVENT_MALFORMED') })
    expect((await rig.target.logs(link.targetTopic('mangled'))).map(({ size }) => size)).toEqual([0, 0])
  })

  it('is refused when a value is no base64, and nothing is appended', async () => {
    await start(link, 'no-base64', { count: 2 })
    await createTarget(link, 'no-base64')
    const records = [inEvent('no-base64', 0, 0), inEvent('no-base64', 0, 1, { value: '*no base64*' })]
    const result = await link.send(eventOf({ 'no-base64-0': records }))
    expect(result).toMatchObject({ kind: 'failed', reason: expect.stringContaining('EVENT_MALFORMED') })
    expect(JSON.stringify(result)).not.toContain('*no base64*')
    expect((await link.head({ topic: 'no-base64', partition: 0 }))?.nextSource ?? 0n).toBeLessThanOrEqual(1n)
  })

  it('is refused when the source has no such topic', async () => {
    await createTarget(link, 'not-on-the-source')
    const result = await link.send(eventOf({ 'not-on-the-source-0': [inEvent('not-on-the-source', 0, 0)] }))
    expect(result).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/^SOURCE_TOPIC_UNKNOWN/) })
    expect((await rig.target.logs(link.targetTopic('not-on-the-source'))).map(({ size }) => size)).toEqual([0, 0])
  })
})

describe('a target that is not prepared', () => {
  it('is waited for while it has no such topic, and then nothing is missing', async () => {
    const told = link.fn.outcomes.length
    const records = await start(link, 'unknown-there')
    link.poll('unknown-there')
    expect(await link.error('TARGET_TOPIC_UNKNOWN', { after: told })).toContain('unknown-there')
    await createTarget(link, 'unknown-there')
    await link.caughtUp('unknown-there')
    expect(await link.judge('unknown-there')).toEqual({ ...FLAWLESS, records })
    await link.stopPolling()
  })

  it('lets the partitions wait that it does not have, and takes the others of the same event', async () => {
    const told = link.fn.outcomes.length
    const records = await start(link, 'fewer-there', { partitions: 3 })
    await createTarget(link, 'fewer-there', 2)
    link.poll('fewer-there')
    expect(await link.error('TARGET_PARTITION_MISSING', { after: told })).toContain('fewer-there-2')
    for (const partition of [0, 1])
      await eventually(
        `partition ${partition}`,
        async () => (await link.head({ topic: 'fewer-there', partition }))?.nextSource === 30n,
        { withinMs: 20_000 },
      )
    const topic = link.targetTopic('fewer-there')
    await rig.target.administer((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }))
    await link.caughtUp('fewer-there')
    expect(await link.judge('fewer-there')).toEqual({ ...FLAWLESS, records })
    await link.stopPolling()
  })
})

describe('a DynamoDB that does not serve', () => {
  const hits =
    (of: RigLink, operation: string) =>
    (request: AwsRequest): boolean =>
      request.operation === operation && request.body.includes(`"${of.config.table.name}"`)

  const refuse =
    (name: string): Fault =>
    async () =>
      errorResponse(400, name, 'as the test wants it')
  const afterwards: Fault = async (request, forward) => {
    await forward()
    throw new ConnectionCut(request)
  }
  afterEach(async () => {
    rig.stateFaults.removeAll()
    await link.stopPolling()
  })
  const FOR_READS_AND_WRITES = ['BatchGetItem', 'PutItem'] as const

  const during = (kind: string, fault: Fault, code: string) =>
    FOR_READS_AND_WRITES.map((operation) => ({ kind, operation, fault, code }))

  it.each([
    ...during('throttles', 'throttle', 'STATE_THROTTLED'),
    ...during('cuts connections during', 'drop', 'STATE_UNREACHABLE'),
    ...during('never answers', 'hold', 'STATE_UNREACHABLE'),
    ...during('denies', refuse('AccessDeniedException'), 'STATE_DENIED'),
    ...during('does not find the table of', refuse('ResourceNotFoundException'), 'STATE_MISSING'),
  ])('$kind $operation: $code, and nothing is lost when it serves again', async ({ kind, operation, fault, code }) => {
    const topic = `${kind.replaceAll(' ', '-')}-${operation}`
    const told = link.fn.outcomes.length
    const records = await start(link, topic)
    await createTarget(link, topic)
    const injection = rig.stateFaults.inject({ match: hits(link, operation), fault })
    link.poll(topic)
    expect(await link.error(code, { after: told })).toContain(operation === 'PutItem' ? `${topic}-` : 'state')
    injection.remove()
    await link.caughtUp(topic)
    const verdict = await link.judge(topic)
    expect(verdict).toEqual({ ...flawlessButForCopies(verdict), records })
    if (operation === 'BatchGetItem') expect(verdict.duplicates.explained).toBe(0)
  })

  it('is believed when it wrote and the answer got lost: nothing is there twice', async () => {
    const told = link.fn.outcomes.length
    const records = await start(link, 'answer-lost')
    await createTarget(link, 'answer-lost')
    const writes = hits(link, 'PutItem')
    const lost = new Set<string>()
    const firstTime = (request: AwsRequest): boolean => {
      const body = request.body.toString()
      if (!writes(request) || lost.has(body)) return false
      lost.add(body)
      return true
    }
    const injection = rig.stateFaults.inject({ match: firstTime, fault: afterwards })
    link.poll('answer-lost', { batchSize: 10 })
    await link.caughtUp('answer-lost')
    injection.remove()
    expect(injection.matched).toBeGreaterThan(2)
    expect(link.fn.outcomes.slice(told).filter(({ error }) => error !== undefined)).toEqual([])
    expect(await link.judge('answer-lost')).toEqual({ ...FLAWLESS, records })
  })
})

describe('a link that somebody changed', () => {
  const statusChange = async (of: RigLink, change: Parameters<RigLink['state']['setStatus']>[1]) => {
    const { status } = await of.state.read([], deadlinesInTime().state)
    expect(await of.state.setStatus(status, change, deadlinesInTime().state)).toBe('changed')
  }

  it('keeps its records while it is stopped, and replicates them when it forwards again', async () => {
    const own = await rig.link()
    const records = await start(own, 'stopped')
    await createTarget(own, 'stopped')
    await statusChange(own, { ...INITIAL_STATUS, mode: 'stopped' })
    const poller = own.poll('stopped')
    await own.error('LINK_NOT_FORWARDING')
    await eventually('the batch to be tried again', () => poller.stats().retries > 1, { withinMs: 20_000 })
    expect((await rig.target.logs(own.targetTopic('stopped'))).map(({ size }) => size)).toEqual([0, 0])
    await statusChange(own, INITIAL_STATUS)
    await own.caughtUp('stopped')
    expect(await own.judge('stopped')).toEqual({ ...FLAWLESS, records })
    await own.stop()
  })

  it('does not touch partitions whose checkpoint was written in a later epoch', async () => {
    const own = await rig.link()
    const records = await start(own, 'later-epoch')
    await createTarget(own, 'later-epoch')
    await statusChange(own, { ...INITIAL_STATUS, epoch: 7 })
    own.poll('later-epoch')
    await own.caughtUp('later-epoch')
    await statusChange(own, { ...INITIAL_STATUS, epoch: 6 })
    for (const partition of [0, 1]) await rig.source.produce('later-epoch', partition, variedRecords(30, 'more'))
    expect(await own.error('EPOCH_STALE')).toContain('epoch 7')
    expect((await rig.target.logs(own.targetTopic('later-epoch'))).map(({ size }) => size)).toEqual([30, 30])
    await statusChange(own, { ...INITIAL_STATUS, epoch: 8 })
    await own.caughtUp('later-epoch')
    expect(await own.judge('later-epoch')).toEqual({ ...FLAWLESS, records: records + 60 })
    expect((await own.head({ topic: 'later-epoch', partition: 0 }))?.epoch).toBe(8)
    await own.stop()
  })
})
