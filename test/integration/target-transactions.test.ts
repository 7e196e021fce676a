import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import type { SourceCommit } from '../../shared/domain/source-commit.ts'
import type { AppendOutcome, PartitionWriter, TargetTransactions } from '../../shared/usecases/ports.ts'
import { polledRecords } from '../support/polled-records.ts'
import { NO_SECRETS, openAccess, openCluster, readValues } from '../support/target-cluster.ts'
import { inTime } from '../support/target-log-contract.ts'

let cluster: LocalCluster
let close: () => Promise<void>
const logs: KafkaTargetLog[] = []

beforeAll(async () => {
  ;({ cluster, close } = await openCluster())
})
afterAll(async () => {
  for (const log of logs) log.close()
  await close?.()
})

/** As in a process of its own. */
const openProcess = (): TargetTransactions => {
  const log = new KafkaTargetLog(openAccess(cluster.bootstrapServers), { compression: 'none', secrets: NO_SECRETS })
  logs.push(log)
  return log.transactions({ link: { installation: 'twinshore', name: 'west-east' }, timeoutMs: 30_000 })
}

const replicaOf = async (topic: string, settings: Readonly<Record<string, string>> = {}) => {
  await createTopics(cluster, [{ name: `west.${topic}`, partitions: 1, settings }])
  return { topic, partition: 0, targetTopic: `west.${topic}` }
}

/** What readers of committed records find. */
const committedValues = async (topic: string): Promise<string[]> => {
  const brokers = new BrokerConnections(cluster)
  try {
    const values: string[] = []
    for await (const { batch, visibility } of readLog(brokers, { topic, partition: 0 }))
      if (visibility === 'committed') values.push(...batch.records.map(({ value }) => value?.toString() ?? ''))
    return values
  } finally {
    await brokers.close()
  }
}

const values = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, index) => `value ${first + index}`)

const commitAt =
  (nextSource: bigint, note = 'note') =>
  async (): Promise<SourceCommit> => ({ nextSource, note })

const append = (writer: PartitionWriter, from: number, count: number): Promise<AppendOutcome> =>
  writer.append(BigInt(from), polledRecords(count, {}, from), commitAt(BigInt(from + count)), inTime())

describe('a writer of transactions', () => {
  it('commits records and source offset together, one transaction behind the other', async () => {
    const replica = await replicaOf('in-turn')
    const first = await openProcess().writer(replica, undefined, inTime())
    expect(first.committed).toBeUndefined()
    const outcomes = [await append(first, 0, 5), await append(first, 5, 3)]
    expect(outcomes).toMatchObject([
      { placed: [{ first: 0, count: 5, target: 0n }] },
      { placed: [{ first: 0, count: 3, target: 6n }] }, // behind the marker of the first
    ])
    expect(outcomes.map(({ stopped }) => stopped)).toEqual([undefined, undefined])
    expect(first.committed).toEqual({ nextSource: 8n, note: 'note' })
    const second = await openProcess().writer(replica, 8n, inTime())
    expect(second.committed).toEqual({ nextSource: 8n, note: 'note' })
    expect(await committedValues('west.in-turn')).toEqual(values(8))
  })

  it('is the same as long as it stands where it is asked for, and a new one elsewhere', async () => {
    const replica = await replicaOf('kept')
    const transactions = openProcess()
    const writer = await transactions.writer(replica, 0n, inTime())
    await append(writer, 0, 2)
    expect(await transactions.writer(replica, 2n, inTime())).toBe(writer)
    expect(await transactions.writer(replica, 1n, inTime())).not.toBe(writer)
    expect(await append(writer, 2, 2)).toMatchObject({ placed: [], stopped: { error: { code: 'CHECKPOINT_MOVED' } } })
    expect(await committedValues('west.kept')).toEqual(values(2))
  })

  it('may only commit offsets', async () => {
    const replica = await replicaOf('only-offsets')
    const writer = await openProcess().writer(replica, 0n, inTime())
    expect(await writer.append(0n, [], commitAt(4n), inTime())).toEqual({ placed: [], bytes: 0 })
    expect((await openProcess().writer(replica, 0n, inTime())).committed?.nextSource).toBe(4n)
  })

  it('carries a note as long as Kafka takes it', async () => {
    const replica = await replicaOf('notes')
    const note = 'n'.repeat(4_096)
    const writer = await openProcess().writer(replica, 0n, inTime())
    const outcome = await writer.append(0n, polledRecords(1), commitAt(1n, note), inTime())
    expect(outcome.stopped).toBeUndefined()
    expect((await openProcess().writer(replica, 0n, inTime())).committed).toEqual({ nextSource: 1n, note })
  })
})

describe('a transaction that does not come to its end', () => {
  it('is aborted when its commit cannot be made, and nothing of it is placed or seen', async () => {
    const replica = await replicaOf('aborted')
    const transactions = openProcess()
    const writer = await transactions.writer(replica, 0n, inTime())
    const failing = async (): Promise<SourceCommit> => Promise.reject(new Error('no commit'))
    const outcome = await writer.append(0n, polledRecords(5), failing, inTime())
    expect(outcome).toMatchObject({ placed: [], stopped: { kind: 'failed', error: { code: 'UNEXPECTED' } } })
    expect(await readValues(cluster, 'west.aborted', 0)).toEqual(values(5))
    expect(await committedValues('west.aborted')).toEqual([])
    const next = await transactions.writer(replica, 0n, inTime())
    expect(next.committed).toBeUndefined()
    expect((await append(next, 0, 5)).stopped).toBeUndefined()
    expect(await committedValues('west.aborted')).toEqual(values(5))
  })

  it('is aborted by who takes the partition over, and the one who comes back late is fenced', async () => {
    const replica = await replicaOf('zombie')
    const zombie = await openProcess().writer(replica, 0n, inTime())
    const [asleep, awake] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const late = zombie.append(
      0n,
      polledRecords(3),
      async () => {
        asleep.resolve()
        await awake.promise
        return { nextSource: 3n, note: 'late' }
      },
      inTime(),
    )
    await asleep.promise
    const successor = await openProcess().writer(replica, 0n, inTime())
    expect((await append(successor, 0, 4)).stopped).toBeUndefined()
    awake.resolve()
    expect(await late).toMatchObject({ placed: [], stopped: { error: { code: 'CHECKPOINT_MOVED' } } })
    expect(await append(zombie, 0, 3)).toMatchObject({ stopped: { error: { code: 'CHECKPOINT_MOVED' } } })
    expect((await append(successor, 4, 2)).stopped).toBeUndefined()
    expect(await committedValues('west.zombie')).toEqual(values(6))
  })

  it('tells a fenced one so when the leader refuses its records', async () => {
    const replica = await replicaOf('fenced')
    const zombie = await openProcess().writer(replica, 0n, inTime())
    await append(zombie, 0, 2)
    await openProcess().writer(replica, 2n, inTime())
    expect(await append(zombie, 2, 2)).toMatchObject({ stopped: { error: { code: 'CHECKPOINT_MOVED' } } })
    expect(await committedValues('west.fenced')).toEqual(values(2))
  })

  it('commits what came before a refused record, and nothing when that is the first', async () => {
    const replica = await replicaOf('refused', { 'max.message.bytes': '3000' })
    const writer = await openProcess().writer(replica, 0n, inTime())
    const large = { value: Buffer.alloc(5_000, 7).toString('base64') }
    const records = [...polledRecords(3), ...polledRecords(1, large, 3), ...polledRecords(2, {}, 4)]
    const outcome = await writer.append(0n, records, commitAt(3n), inTime())
    expect(outcome).toMatchObject({ stopped: { kind: 'refused', error: { code: 'RECORD_REFUSED' } } })
    expect(outcome.placed.reduce((sum, { count }) => sum + count, 0)).toBe(3)
    expect(writer.committed?.nextSource).toBe(3n)
    const refused = await writer.append(3n, records.slice(3), commitAt(9n), inTime())
    expect(refused).toMatchObject({ placed: [], stopped: { kind: 'refused' } })
    expect(writer.committed?.nextSource).toBe(3n)
    expect((await append(writer, 3, 1)).stopped).toBeUndefined()
    expect(await committedValues('west.refused')).toEqual(values(4))
  })

  it('names the topic or the partition that is missing', async () => {
    const transactions = openProcess()
    const [nowhere, narrow] = [{ topic: 'no', partition: 0, targetTopic: 'west.no' }, await replicaOf('narrow')]
    const writers = [nowhere, { ...narrow, partition: 7 }].map((one) => transactions.writer(one, 0n, inTime()))
    const outcomes = await Promise.all((await Promise.all(writers)).map((writer) => append(writer, 0, 1)))
    expect(outcomes.map(({ stopped }) => stopped?.error.code)).toEqual([
      'TARGET_TOPIC_UNKNOWN',
      'TARGET_PARTITION_MISSING',
    ])
  })
})

describe('a broker that is restarted in the middle of a transaction', () => {
  it('leaves either all of it or nothing, and the next writer knows which', async () => {
    const replica = await replicaOf('restarted')
    const transactions = openProcess()
    const writer = await transactions.writer(replica, 0n, inTime())
    const [broker] = cluster.brokers
    const restart = async (): Promise<SourceCommit> => {
      await broker?.kill()
      await broker?.start()
      return { nextSource: 5n, note: 'restarted' }
    }
    const outcome = await writer.append(0n, polledRecords(5), restart, inTime(60_000))
    const next = await transactions.writer(replica, 5n, inTime(60_000))
    const isCommitted = next.committed !== undefined
    if (outcome.stopped === undefined) expect(isCommitted).toBe(true)
    if (!isCommitted) expect((await append(next, 0, 5)).stopped).toBeUndefined()
    expect(await committedValues('west.restarted')).toEqual(values(5))
  })
})
