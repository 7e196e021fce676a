import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { startDeadline } from '../../shared/adapters/running-deadline.ts'
import type { Gap, Head } from '../../shared/domain/head.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import { type FaultyEndpoint, startFaultyEndpoint } from '../support/faulty-endpoint.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable, endpoint } = dynamoDbForTests()

const ORDERS: PartitionId = { topic: 'orders', partition: 0 }
const HEAD: Head = {
  incarnation: 'AAAAAAAAAAAAAAAAAAAAAA',
  nextSource: 3n,
  nextTarget: 103n,
  openRuns: [{ source: 0n, target: 100n, length: 3n }],
  last: { source: 2n, fingerprint: 'fingerprint', timestamp: 1 },
  unverifiedFrom: undefined,
  epoch: 1,
  updatedAt: 1,
}
const NEXT: Head = { ...HEAD, nextSource: 5n, nextTarget: 105n, openRuns: [{ source: 0n, target: 100n, length: 5n }] }

const MORE_THAN_ONCE = 6

const refused = (error: string) => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${error}`, message: 'no' },
})

describe('the link state in DynamoDB', () => {
  let faulty: FaultyEndpoint
  let name: string
  const state = () => linkState(new LinkTable({ client: client(faulty.url), name }))
  const deadline = startDeadline(60_000)

  beforeEach(async () => {
    faulty = await startFaultyEndpoint(endpoint())
    name = await newTable()
  })
  afterEach(() => faulty.close())

  const spoilFirst = (operation: string, treatment: ReturnType<FaultyEndpoint['treat']>, times = 1): void => {
    let left = times
    faulty.treat = (request) => (request.operation === operation && left-- > 0 ? treatment : 'pass')
  }

  it('recognises its own checkpoint when the answer to the write got lost', async () => {
    await state().advance(ORDERS, undefined, HEAD, deadline)
    spoilFirst('PutItem', 'lose-answer')
    expect(await state().advance(ORDERS, HEAD, NEXT, deadline)).toBe('advanced')
    expect(faulty.requests.map(({ operation }) => operation)).toEqual(['PutItem', 'PutItem', 'PutItem'])
  })

  it('recognises a first checkpoint, a page and a gap of its own too', async () => {
    const gap: Gap = { incarnation: HEAD.incarnation, from: 1n, to: 2n, kind: 'lost', reason: 'retention', at: 1 }
    const page = { incarnation: HEAD.incarnation, runs: [{ source: 0n, target: 9n, length: 1n }] as const }
    faulty.treat = () => (faulty.requests.length % 2 === 1 ? 'lose-answer' : 'pass')
    expect(await state().advance(ORDERS, undefined, HEAD, deadline)).toBe('advanced')
    await state().seal(ORDERS, [{ ...page, followedBy: { source: 2n, target: 10n } }], deadline)
    await state().recordGap(ORDERS, gap, deadline)
    expect(faulty.requests).toHaveLength(6)
  })

  it('asks again for what a read left out, until all is there', async () => {
    await state().advance(ORDERS, undefined, HEAD, deadline)
    faulty.treat = ({ operation, body }) => {
      if (operation !== 'BatchGetItem' || faulty.requests.length > 3) return 'pass'
      return { status: 200, body: { Responses: { [name]: [] }, UnprocessedKeys: body['RequestItems'] as object } }
    }
    const { heads } = await state().read([ORDERS], deadline)
    expect(heads.get('orders-0')).toEqual(HEAD)
    expect(faulty.requests.filter(({ operation }) => operation === 'BatchGetItem')).toHaveLength(3)
  })

  it('gives up before its deadline when reads are held back for ever', async () => {
    faulty.treat = ({ body }) => ({
      status: 200,
      body: { Responses: {}, UnprocessedKeys: body['RequestItems'] as object },
    })
    const noTimeForAPause = { at: Date.now() + 5, signal: new AbortController().signal }
    const read = state().read([ORDERS], noTimeForAPause)
    await expect(read).rejects.toMatchObject({ code: 'STATE_THROTTLED', transient: true })
    expect(faulty.requests).toHaveLength(1)
  })

  it('tries a throttled write again, and says so when it is throttled for good', async () => {
    spoilFirst('PutItem', refused('ProvisionedThroughputExceededException'), 2)
    expect(await state().advance(ORDERS, undefined, HEAD, deadline)).toBe('advanced')
    faulty.treat = () => refused('ThrottlingException')
    const soon = startDeadline(500)
    const attempt = state().advance(ORDERS, HEAD, NEXT, soon)
    await expect(attempt).rejects.toMatchObject({ code: 'STATE_THROTTLED' })
    await expect(attempt).rejects.toThrow('moving the checkpoint of orders-0 from 3 to 5')
    soon.end()
  })

  it('tries a throttled read again, and says so when it is throttled for good', async () => {
    await state().advance(ORDERS, undefined, HEAD, deadline)
    spoilFirst('BatchGetItem', refused('ThrottlingException'), MORE_THAN_ONCE)
    expect((await state().read([ORDERS], deadline)).heads.get('orders-0')).toEqual(HEAD)
    faulty.treat = () => refused('ProvisionedThroughputExceededException')
    const soon = startDeadline(500)
    await expect(state().read([ORDERS], soon)).rejects.toMatchObject({ code: 'STATE_THROTTLED' })
    expect(faulty.requests.length).toBeGreaterThan(MORE_THAN_ONCE + 2)
    soon.end()
  })

  it.each([
    ['throttled', refused('ThrottlingException')],
    ['out of reach', { status: 500, body: { __type: 'InternalServerError', message: 'gone' } }],
    ['silent about what it wrote', 'lose-answer' as const],
  ])('writes on while the table is %s for a while', async (_what, treatment) => {
    spoilFirst('PutItem', treatment, MORE_THAN_ONCE)
    expect(await state().advance(ORDERS, undefined, HEAD, deadline)).toBe('advanced')
    spoilFirst('PutItem', treatment, MORE_THAN_ONCE)
    expect(await state().advance(ORDERS, HEAD, NEXT, deadline)).toBe('advanced')
  })

  it('does not take the checkpoint of another for its own after a repetition', async () => {
    let otherIsThere = false
    const other = { ...HEAD, updatedAt: HEAD.updatedAt + 1 }
    faulty.treat = () => (otherIsThere ? 'pass' : refused('ThrottlingException'))
    const attempt = state().advance(ORDERS, undefined, HEAD, deadline)
    await linkState(new LinkTable({ client: client(), name })).advance(ORDERS, undefined, other, deadline)
    otherIsThere = true
    expect(await attempt).toBe('checkpoint-moved')
  })

  it('does not repeat a write that the table will never take', async () => {
    faulty.treat = () => refused('ValidationException')
    await expect(state().advance(ORDERS, undefined, HEAD, deadline)).rejects.toMatchObject({ code: 'STATE_MALFORMED' })
    expect(faulty.requests).toHaveLength(1)
  })

  it('says what to delete when a partition has more runs than DynamoDB keeps under one key', async () => {
    faulty.treat = () => refused('ItemCollectionSizeLimitExceededException')
    const full = state().advance(ORDERS, undefined, HEAD, deadline)
    await expect(full).rejects.toThrow(/STATE_FULL: .*mapRetentionDays, and delete its oldest pages/)
    expect(faulty.requests).toHaveLength(1)
  })

  it('lets go at its deadline when nobody answers', async () => {
    faulty.treat = () => 'silence'
    const soon = startDeadline(300)
    const attempt = state().advance(ORDERS, undefined, HEAD, soon)
    await expect(attempt).rejects.toThrow(/STATE_UNREACHABLE: .*no answer before the deadline/)
    expect(Date.now() - soon.at).toBeLessThan(1_000)
    soon.end()
  })

  it('lets go at its deadline between two attempts too', async () => {
    faulty.treat = () => refused('ThrottlingException')
    const soon = startDeadline(300)
    await expect(state().advance(ORDERS, undefined, HEAD, soon)).rejects.toMatchObject({ transient: true })
    const requests = faulty.requests.length
    expect(Date.now() - soon.at).toBeLessThan(1_000)
    faulty.treat = () => 'pass'
    expect(await state().advance(ORDERS, undefined, NEXT, deadline)).toBe('advanced')
    expect(faulty.requests).toHaveLength(requests + 1)
  })

  it.each(['AccessDeniedException', 'ExpiredTokenException', 'UnrecognizedClientException'])(
    'says what to check after %s, and does not repeat it until the deadline',
    async (refusal) => {
      faulty.treat = () => refused(refusal)
      const read = state().read([ORDERS], deadline)
      await expect(read).rejects.toThrow(new RegExp(`STATE_DENIED: .*${refusal} .*the rights of the role`))
      const before = faulty.requests.length
      await expect(state().advance(ORDERS, undefined, HEAD, deadline)).rejects.toMatchObject({ code: 'STATE_DENIED' })
      expect(faulty.requests).toHaveLength(before + 1)
    },
  )

  it('says that a table is not there, and does not wait for it', async () => {
    const elsewhere = linkState(new LinkTable({ client: client(faulty.url), name: 'never-made' }))
    await expect(elsewhere.read([ORDERS], deadline)).rejects.toThrow(/STATE_MISSING: .*state stack .* is deployed/)
    const write = elsewhere.advance(ORDERS, undefined, HEAD, deadline)
    await expect(write).rejects.toMatchObject({ code: 'STATE_MISSING' })
    expect(faulty.requests).toHaveLength(2)
  })

  it.each([
    ['without a checkpoint', { nextSource: undefined }, 'attribute nextSource is not an integer'],
    ['with a text for an offset', { nextSource: { S: '3' } }, 'attribute nextSource is not an integer'],
    ['with runs that nobody packed', { openRuns: { B: Uint8Array.of(7) } }, 'attribute openRuns is not packed runs'],
    ['with runs past its checkpoint', { nextSource: { N: '2' } }, 'attribute openRuns is not below nextSource'],
    ['with half a last record', { last: { M: {} } }, 'in last: attribute source is not an integer'],
  ])('refuses a head %s, names it, and reads its neighbours', async (_what, damage, complaint) => {
    const neighbour = { ...ORDERS, partition: 1 }
    await state().advance(neighbour, undefined, HEAD, deadline)
    await state().advance(ORDERS, undefined, HEAD, deadline)
    const written = faulty.requests.at(-1)?.body['Item'] as Record<string, { B?: string }>
    const whole = { ...written, openRuns: { B: Buffer.from(written['openRuns']?.B ?? '', 'base64') } }
    await client().send(new PutItemCommand({ TableName: name, Item: { ...whole, ...damage } as never }))
    const { heads } = await state().read([ORDERS, neighbour], deadline)
    const message = expect.stringContaining('reading item PARTITION#orders#0 / head')
    expect(heads.get('orders-0')).toMatchObject({ code: 'STATE_MALFORMED', message })
    expect(heads.get('orders-0')).toHaveProperty('message', expect.stringContaining(complaint))
    expect(heads.get('orders-1')).toEqual(HEAD)
  })
})
