import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
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
  const told = () =>
    withAdmin(cluster, (admin) => admin.metadata({ topics: [topic] })).then(
      ({ topics }) => topics.get(topic)?.partitions[partition]?.leader,
      () => undefined, // not every broker has heard of a new topic yet
    )
  const leader = await eventually(`the leader of ${topic}-${partition}`, told, { withinMs: 30_000 })
  const broker = cluster.brokers.find(({ id }) => id === leader)
  if (broker === undefined) throw new Error(`${topic}-${partition} has no leader`)
  return broker
}

/** Appends batch after batch to partition 0 until told to stop, and delivers again what was not placed. */
const appendAlong = (log: KafkaTargetLog, topic: string) => {
  let going = true
  const progress = {
    topic,
    placed: [] as PolledRecord[],
    unknown: 0,
    stop: () => {
      going = false
      return work
    },
  }
  const goOn = async (): Promise<void> => {
    while (going) {
      const records = polledRecords(10, {}, progress.placed.length)
      const outcome = await log.append({ topic, partition: 0, records }, inTime(25_000))
      progress.placed.push(
        ...records.slice(
          0,
          outcome.placed.reduce((sum, { count }) => sum + count, 0),
        ),
      )
      if (codeOf(outcome) === 'APPEND_OUTCOME_UNKNOWN') progress.unknown++
    }
  }
  const work = goOn()
  return progress
}

/** A topic whose partitions have one replica each, on these brokers, and that every broker knows of. */
const createSingleReplicas = async (topic: string, brokers: readonly number[]): Promise<void> => {
  const replicas = brokers.map((broker) => [broker])
  await createTopics(cluster, [
    { name: topic, partitions: brokers.length, replicas, settings: { 'min.insync.replicas': '1' } },
  ])
  for (const { port } of cluster.brokers) {
    const one = new BrokerConnections({ bootstrapServers: [`127.0.0.1:${port}`], login: cluster.login })
    await one.leadersOf(topic).finally(() => one.close())
  }
}

type Broker = LocalCluster['brokers'][number]

describe.each([
  ['killed', (broker: Broker) => broker.kill(), (broker: Broker) => broker.start()],
  ['paused', async (broker: Broker) => broker.pause(), async (broker: Broker) => broker.resume()],
])('while a leader is %s', (how, take, giveBack) => {
  it('everything arrives once, in order, and the partitions of other leaders are not kept waiting', async () => {
    const [topic, alone] = [`leader-${how}`, `beside-${how}`]
    await createTopics(cluster, [{ name: topic, partitions: 1 }])
    const victim = await leaderOf(topic, 0)
    const other = cluster.brokers.find(({ id }) => id !== victim.id)
    await createSingleReplicas(alone, [other?.id ?? 0])
    const log = openLog()
    const [along, beside] = [appendAlong(log, topic), appendAlong(log, alone)]
    await eventually('first records', () => along.placed.length > 0 && beside.placed.length > 0, { withinMs: 30_000 })
    await take(victim)
    try {
      const begun = beside.placed.length
      await eventually('other leaders to go on', () => beside.placed.length > begun + 100, { withinMs: 30_000 })
      const waiting = along.placed.length
      await eventually('the next leader', () => along.placed.length > waiting + 10, { withinMs: 30_000 })
      await Promise.all([along.stop(), beside.stop()])
      // A broker that was away still takes itself for the leader for a moment after it is back, so it is not asked.
      const others = cluster.brokers.filter(({ id }) => id !== victim.id).map(({ port }) => `127.0.0.1:${port}`)
      const access = { bootstrapServers: others, login: cluster.login }
      for (const { topic, placed, unknown } of [along, beside]) {
        expect(unknown).toBe(0)
        expect(await readValues(access, topic, 0)).toEqual(valuesOf(placed))
      }
    } finally {
      await giveBack(victim)
    }
  })
})

describe('when a partition cannot be written', () => {
  it('one without a leader fails alone: its neighbours are written, and described', async () => {
    const topic = 'leaderless'
    const [first, second, third] = cluster.brokers
    await createSingleReplicas(
      topic,
      [first, second, third].map((broker) => broker?.id ?? 0),
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
