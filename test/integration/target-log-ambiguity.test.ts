import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import type { PolledRecord } from '../../shared/domain/record.ts'
import { KafkaProxy, type ProduceFault } from '../support/kafka-proxy.ts'
import { base64, polledRecord, polledRecords } from '../support/polled-records.ts'
import { NO_SECRETS, openAccess, openCluster, readValues } from '../support/target-cluster.ts'
import { inTime } from '../support/target-log-contract.ts'

const PRODUCE_MS = 700

let cluster: LocalCluster
let close: () => Promise<void>
let proxy: KafkaProxy
let log: KafkaTargetLog
let topic: string
let topics = 0

beforeAll(async () => {
  ;({ cluster, close } = await openCluster())
  const [broker] = cluster.brokers
  proxy = await KafkaProxy.to(broker?.port ?? 0)
  log = new KafkaTargetLog(openAccess([`127.0.0.1:${proxy.port}`]), {
    compression: 'none',
    secrets: NO_SECRETS,
    timeouts: { produceMs: PRODUCE_MS },
  })
})
afterAll(async () => {
  log?.close()
  await proxy?.close()
  await close?.()
})
beforeEach(async () => {
  topic = `ambiguous-${topics++}`
  await createTopics(cluster, [{ name: topic, partitions: 4, settings: { 'max.message.bytes': '2000' } }])
  proxy.faults.length = 0
  proxy.produced.length = 0
})

const valuesOf = (records: readonly PolledRecord[]): string[] =>
  records.map(({ value }) => Buffer.from(value ?? '', 'base64').toString())

const append = (records: readonly [PolledRecord, ...PolledRecord[]], deadlineMs = 20_000, partition = 0) =>
  log.append({ topic, partition, records }, inTime(deadlineMs))

const times = (count: number, fault: ProduceFault): ProduceFault[] => Array.from({ length: count }, () => fault)

const producerIds = (): bigint[] => [...new Set(proxy.produced.flat().map(({ producerId }) => producerId))]

describe('when an answer is lost on the way', () => {
  it.each([
    ['the connection breaks after the append', 'lose-answer'],
    ['the connection breaks before the append', 'lose-request'],
    ['nothing comes back', 'swallow-answer'],
    ['too few replicas have it', { appendedThen: 20 }],
    ['the leader was deposed after the append', { appendedThen: 6 }],
    ['the followers are late', { appendedThen: 7 }],
    ['too few replicas are there', { insteadOfAppending: 19 }],
  ] satisfies [string, ProduceFault][])('it is in the log once in the end: %s', async (_what, fault) => {
    proxy.faults.push(...times(2, fault))
    const records = polledRecords(30)
    expect((await append(records)).stopped).toBeUndefined()
    expect(await readValues(cluster, topic, 0)).toEqual(valuesOf(records))
    expect(producerIds()).toHaveLength(1)
    expect(proxy.produced[2]).toEqual(proxy.produced[0])
  })

  it('all that was under way behind it arrives once and in order', async () => {
    await append(polledRecords(1))
    proxy.faults.push('pass', 'pass', 'lose-answer')
    const records = polledRecords(300, {}, 1)
    expect((await append(records)).stopped).toBeUndefined()
    expect(await readValues(cluster, topic, 0)).toEqual(valuesOf([...polledRecords(1), ...records]))
  })
})

describe('when nobody ever knows whether a batch was appended', () => {
  const other = (count: number) => polledRecords(count, {}, 1000)

  it.each([
    ['its answers are lost until the deadline', times(50, 'lose-answer')],
    ['its answers never come', times(50, 'swallow-answer')],
    ['the broker says that it is out of order', [{ appendedThen: 45 }]],
    ['the broker says that it is a duplicate', [{ appendedThen: 46 }]],
    ['the broker says that its producer is fenced', [{ appendedThen: 47 }]],
    ['the broker says that it does not know the producer', [{ appendedThen: 59 }]],
    ['the broker fails in a way that it cannot name', [{ appendedThen: -1 }]],
  ] satisfies [string, ProduceFault[]][])(
    'the next batch is really in the log, with another producer id: %s',
    async (_how, faults) => {
      proxy.faults.push(...faults)
      const first = await append(polledRecords(5), 1_500)
      expect(first).toMatchObject({
        placed: [],
        stopped: { kind: 'failed', error: { code: 'APPEND_OUTCOME_UNKNOWN' } },
      })
      proxy.faults.length = 0
      const [before] = producerIds()
      proxy.produced.length = 0
      const second = await append(other(5))
      expect(second.stopped).toBeUndefined()
      expect(producerIds()).not.toContain(before)
      const log = await readValues(cluster, topic, 0)
      expect(log.slice(-5)).toEqual(valuesOf(other(5)))
      expect(second.placed).toEqual([{ first: 0, count: 5, target: BigInt(log.length - 5) }])
    },
  )

  it('says so too when only the last of several batches is in doubt, and keeps what has its place', async () => {
    await append(polledRecords(1))
    proxy.faults.push('pass', 'pass', { appendedThen: 47 })
    const { placed, stopped } = await append(polledRecords(300, {}, 1))
    expect(stopped?.error.code).toBe('APPEND_OUTCOME_UNKNOWN')
    expect(placed).toHaveLength(2)
    const count = placed.reduce((sum, one) => sum + one.count, 0)
    expect(placed.at(0)?.target).toBe(1n)
    expect((await readValues(cluster, topic, 0)).slice(1, 1 + count)).toEqual(
      valuesOf(polledRecords(300, {}, 1)).slice(0, count),
    )
  })
})

describe('on the way to the leader', () => {
  it('partitions of one tick share one request, and no partition is in a request twice', async () => {
    await append(polledRecords(1))
    proxy.produced.length = 0
    await Promise.all([0, 1, 2, 3].map((partition) => append(polledRecords(5, {}, 1), 20_000, partition)))
    expect(proxy.produced.map((batches) => batches.map(({ partition }) => partition))).toEqual([[0, 1, 2, 3]])
    proxy.produced.length = 0
    await append(polledRecords(700, {}, 6))
    expect(proxy.produced.length).toBeGreaterThan(5)
    for (const batches of proxy.produced) expect(batches).toHaveLength(1)
  })

  it('nothing follows the first batch of a producer before that is acknowledged, since the broker would take it for the first', async () => {
    await append(polledRecords(1))
    proxy.faults.push({ appendedThen: 47 })
    await append(polledRecords(1, {}, 1))
    proxy.produced.length = 0
    proxy.faults.push({ insteadOfAppending: 10 })
    const [first, ...rest] = polledRecords(300, {}, 2)
    const records = [{ ...first, value: base64('first') }, ...rest] as const
    expect((await append(records)).stopped).toBeUndefined()
    expect(proxy.produced[1]?.[0]).toMatchObject({ sequence: 0 })
    expect((await readValues(cluster, topic, 0)).slice(2)).toEqual(valuesOf(records))
  })

  it('a record that is refused is found out, and what comes behind it keeps its order', async () => {
    const large = polledRecord({ offset: 100, value: base64(crypto.getRandomValues(new Uint8Array(3000))) })
    const { placed, stopped } = await append([...polledRecords(100), large, ...polledRecords(50, {}, 101)])
    expect(stopped?.error.code).toBe('RECORD_REFUSED')
    expect(placed.reduce((sum, { count }) => sum + count, 0)).toBe(100)
    expect((await append(polledRecords(50, {}, 101))).stopped).toBeUndefined()
    expect(await readValues(cluster, topic, 0)).toEqual(
      valuesOf([...polledRecords(100), ...polledRecords(50, {}, 101)]),
    )
    expect(producerIds()).toHaveLength(1)
  })
})

describe('at the deadline', () => {
  it('nothing is left behind, and the next call works', async () => {
    await append(polledRecords(1))
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    proxy.faults.push(...times(9, 'swallow-answer'))
    const started = performance.now()
    const { stopped } = await append(polledRecords(30, {}, 1), 300)
    expect(performance.now() - started).toBeLessThan(PRODUCE_MS)
    expect(stopped?.error.code).toBe('APPEND_OUTCOME_UNKNOWN')
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThanOrEqual(before)
    proxy.faults.length = 0
    expect((await append(polledRecords(3, {}, 100))).stopped).toBeUndefined()
  })
})
