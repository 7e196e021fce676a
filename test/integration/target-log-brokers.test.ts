import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/cluster.ts'
import { createTopics } from '../../local/local-topics.ts'
import { KafkaSourceLog } from '../../shared/adapters/kafka/kafka-source-log.ts'
import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import type { PolledRecord } from '../../shared/domain/record.ts'
import type { AppendOutcome } from '../../shared/usecases/ports.ts'
import { polledRecords } from '../support/polled-records.ts'
import { NO_SECRETS, openAccess, openCluster, readValues, withAdmin } from '../support/target-cluster.ts'
import { inTime } from '../support/target-log-contract.ts'

let cluster: LocalCluster
let close: () => Promise<void>
const logs: { close(): void }[] = []

beforeAll(async () => {
  ;({ cluster, close } = await openCluster({ brokers: 3, properties: { 'broker.session.timeout.ms': '4000' } }))
})
afterAll(async () => {
  for (const log of logs) log.close()
  await close?.()
})

const openLog = (produceMs = 2_000): KafkaTargetLog => {
  const log = new KafkaTargetLog(openAccess(cluster.bootstrapServers), {
    compression: 'none',
    secrets: NO_SECRETS,
    timeouts: { produceMs, questionMs: 1_500, connectMs: 1_000, loginMs: 1_500 },
  })
  logs.push(log)
  return log
}

const valuesOf = (records: readonly PolledRecord[]): string[] =>
  records.map(({ value }) => Buffer.from(value ?? '', 'base64').toString())

const append = (log: KafkaTargetLog, topic: string, partition: number, first: number, deadlineMs = 25_000) =>
  log.append({ topic, partition, records: polledRecords(10, {}, first) }, inTime(deadlineMs))

const codeOf = ({ stopped }: AppendOutcome) => stopped?.error.code

/** The broker that leads a partition. */
const leaderOf = async (topic: string, partition: number) => {
  const { topics } = await withAdmin(cluster, (admin) => admin.metadata({ topics: [topic] }))
  const leader = topics.get(topic)?.partitions[partition]?.leader
  const broker = cluster.brokers.find(({ id }) => id === leader)
  if (broker === undefined) throw new Error(`${topic}-${partition} has no leader`)
  return broker
}

/** Appends batch after batch to each partition until told to stop, and delivers again what was not placed. */
const appendAlong = (log: KafkaTargetLog, topic: string, partitions: readonly number[]) => {
  let going = true
  const placed = new Map<number, PolledRecord[]>()
  const unknown: number[] = []
  const work = partitions.map(async (partition) => {
    const done: PolledRecord[] = []
    placed.set(partition, done)
    while (going) {
      const records = polledRecords(10, {}, done.length)
      const outcome = await log.append({ topic, partition, records }, inTime(25_000))
      done.push(
        ...records.slice(
          0,
          outcome.placed.reduce((sum, { count }) => sum + count, 0),
        ),
      )
      if (codeOf(outcome) === 'APPEND_OUTCOME_UNKNOWN') unknown.push(partition)
    }
  })
  const stop = async () => {
    going = false
    await Promise.all(work)
    return { placed, unknown }
  }
  return { placed, stop }
}

describe.each([
  [
    'killed',
    (broker: LocalCluster['brokers'][number]) => broker.kill(),
    (broker: LocalCluster['brokers'][number]) => broker.start(),
  ],
  [
    'paused',
    async (broker: LocalCluster['brokers'][number]) => broker.pause(),
    async (broker: LocalCluster['brokers'][number]) => broker.resume(),
  ],
])('while a leader is %s', (how, take, giveBack) => {
  it('everything arrives once, in order, and the partitions of other leaders are not kept waiting', async () => {
    const topic = `leader-${how}`
    await createTopics(cluster, [{ name: topic, partitions: 6 }])
    const log = openLog()
    for (const partition of [0, 1, 2, 3, 4, 5]) expect(codeOf(await append(log, topic, partition, 0))).toBeUndefined()
    const victim = await leaderOf(topic, 0)
    const led = await Promise.all([0, 1, 2, 3, 4, 5].map(async (partition) => (await leaderOf(topic, partition)).id))
    const elsewhere = led.flatMap((id, partition) => (id === victim.id ? [] : [partition]))
    const along = appendAlong(log, topic, [0])
    const beside = appendAlong(log, topic, elsewhere)
    await take(victim)
    const before = elsewhere.map((partition) => beside.placed.get(partition)?.length ?? 0)
    const moved = await append(openLog(), topic, 0, 1_000_000)
    expect(codeOf(moved)).toBeUndefined()
    const after = elsewhere.map((partition) => beside.placed.get(partition)?.length ?? 0)
    expect(after.every((count, at) => count > (before[at] ?? 0))).toBe(true)
    const results = [await along.stop(), await beside.stop()]
    await giveBack(victim)
    expect(results.flatMap(({ unknown }) => unknown)).toEqual([])
    for (const { placed } of results) {
      for (const [partition, records] of placed) {
        const foreign = new Set(valuesOf(polledRecords(10, {}, 1_000_000)))
        const own = (await readValues(cluster, topic, partition)).slice(10).filter((value) => !foreign.has(value))
        expect(own).toEqual(valuesOf(records))
      }
    }
  })
})

describe('when a partition cannot be written', () => {
  it('one without a leader fails alone: its neighbours are written, and described', async () => {
    const topic = 'leaderless'
    const [first, second, third] = cluster.brokers
    await withAdmin(cluster, (admin) =>
      admin.createTopics({
        topics: [topic],
        assignments: [first, second, third].map((broker, partition) => ({ partition, brokers: [broker?.id ?? 0] })),
        configs: [{ name: 'min.insync.replicas', value: '1' }],
      }),
    )
    const log = openLog()
    await third?.kill()
    try {
      const outcomes = await Promise.all([0, 1, 2].map((partition) => append(log, topic, partition, 0, 8_000)))
      expect(outcomes.map(codeOf)).toEqual([undefined, undefined, 'TARGET_UNREACHABLE'])
      const source = new KafkaSourceLog(openAccess(cluster.bootstrapServers), { secrets: NO_SECRETS })
      logs.push(source)
      expect(await source.describe({ topic, partition: 0 }, inTime())).toMatchObject({ logStart: 0n })
      await expect(source.describe({ topic, partition: 2 }, inTime(1_500))).rejects.toMatchObject({
        code: 'SOURCE_UNREACHABLE',
      })
    } finally {
      await third?.start()
    }
  })

  it('too few replicas are named, and it works again when they are back', async () => {
    const topic = 'thin'
    await createTopics(cluster, [{ name: topic, partitions: 1, settings: { 'min.insync.replicas': '3' } }])
    const log = openLog()
    expect(codeOf(await append(log, topic, 0, 0))).toBeUndefined()
    const leader = await leaderOf(topic, 0)
    const follower = cluster.brokers.find(({ id }) => id !== leader.id)
    await follower?.stop()
    try {
      expect(codeOf(await append(log, topic, 0, 10, 6_000))).toBe('TARGET_NOT_ENOUGH_REPLICAS')
    } finally {
      await follower?.start()
    }
    expect(codeOf(await append(log, topic, 0, 10))).toBeUndefined()
    expect(await readValues(cluster, topic, 0)).toEqual(valuesOf(polledRecords(20)))
  })
})

describe('when no broker can be reached', () => {
  it('the deadline ends it, names the cause, and leaves no timer and no socket', async () => {
    const log = new KafkaTargetLog(openAccess(['127.0.0.1:1', '127.0.0.1:2']), {
      compression: 'none',
      secrets: NO_SECRETS,
    })
    const resources = () => process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP/.test(kind)).length
    const before = resources()
    const outcome = await log.append({ topic: 'any', partition: 0, records: polledRecords(1) }, inTime(700))
    expect(codeOf(outcome)).toBe('TARGET_UNREACHABLE')
    expect(outcome.stopped?.error.message).toContain('127.0.0.1')
    expect(resources()).toBeLessThanOrEqual(before)
  })

  it('a broker that takes connections and says nothing does not outlast the deadline', async () => {
    const log = openLog(30_000)
    const topic = 'silent'
    await createTopics(cluster, [{ name: topic, partitions: 1 }])
    expect(codeOf(await append(log, topic, 0, 0))).toBeUndefined()
    const leader = await leaderOf(topic, 0)
    leader.pause()
    try {
      const started = performance.now()
      expect(codeOf(await append(log, topic, 0, 10, 1_000))).toBe('APPEND_OUTCOME_UNKNOWN')
      expect(performance.now() - started).toBeLessThan(1_500)
    } finally {
      leader.resume()
    }
    expect(codeOf(await append(log, topic, 0, 20))).toBeUndefined()
    expect((await readValues(cluster, topic, 0)).slice(-10)).toEqual(valuesOf(polledRecords(10, {}, 20)))
  })
})
