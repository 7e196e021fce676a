import { Consumer } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { alterTopic, clientOptions, createTopics } from '../../local/kafka/local-topics.ts'
import { runProcess } from '../../local/machine/owned-process.ts'
import { kafkaToolJars } from '../../local/machine/toolchain.ts'
import { KafkaSourceLog } from '../../shared/adapters/kafka/kafka-source-log.ts'
import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import type { PolledHeader, PolledRecord } from '../../shared/domain/record.ts'
import { base64, polledRecord, polledRecords } from '../support/polled-records.ts'
import {
  NO_SECRETS,
  openAccess,
  openCluster,
  readBatches,
  readRecords,
  readValues,
  withAdmin,
} from '../support/target-cluster.ts'
import { describeSourceLog, describeTargetLog, inTime } from '../support/target-log-contract.ts'

const ANY_TIME = { 'message.timestamp.after.max.ms': '9223372036854775807', 'retention.ms': '-1' }

let cluster: LocalCluster
let folder: string
let close: () => Promise<void>
const logs: { close(): void }[] = []

beforeAll(async () => {
  ;({ cluster, folder, close } = await openCluster())
})
afterAll(async () => {
  for (const log of logs) log.close()
  await close?.()
})

const openLog = (compression: 'none' | 'gzip' | 'zstd' = 'none'): KafkaTargetLog => {
  const log = new KafkaTargetLog(openAccess(cluster.bootstrapServers), { compression, secrets: NO_SECRETS })
  logs.push(log)
  return log
}

describeTargetLog('a real cluster', async () => ({
  log: openLog('zstd'),
  createTopic: (name, partitions, how) =>
    createTopics(cluster, [{ name, partitions, settings: how?.keyed ? { 'cleanup.policy': 'compact' } : {} }]),
  values: (topic, partition) => readValues(cluster, topic, partition),
}))

describeSourceLog('a real cluster', async () => {
  const log = new KafkaSourceLog(openAccess(cluster.bootstrapServers), { secrets: NO_SECRETS })
  logs.push(log)
  const filling = openLog()
  return {
    log,
    createTopicAnew: async (name, partitions) => {
      const known = await withAdmin(cluster, (admin) => admin.listTopics())
      if (known.includes(name)) await withAdmin(cluster, (admin) => admin.deleteTopics({ topics: [name] }))
      await createTopics(cluster, [{ name, partitions }])
      for (let partition = 0; partition < partitions; partition++)
        await filling.append({ topic: name, partition, records: polledRecords(5) }, inTime())
    },
    deleteRecordsBefore: async (topic, partition, offset) => {
      await withAdmin(cluster, (admin) =>
        admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition, offset }] }] }),
      )
    },
  }
})

const header = (name: string, value: string | number[] | null): PolledHeader => ({
  name,
  value: typeof value === 'string' ? [...Int8Array.from(Buffer.from(value))] : value,
})

const TRACE = [header('trace', '1'), header('b', 'x'), header('trace', '2'), header('10', 'y'), header('2', 'z')]
const ODD = [header('n', null), header('e', ''), header('n', null), header('', 'no name'), header('ë', 'ü')]
const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)

const AWKWARD: readonly [PolledRecord, ...PolledRecord[]] = [
  polledRecord({ headers: TRACE }),
  polledRecord({ value: null, headers: ODD }),
  polledRecord({ key: null }),
  polledRecord({ key: '', value: '' }),
  polledRecord({ key: '', value: null }),
  polledRecord({ timestamp: 0 }),
  polledRecord({ timestamp: 1_700_000_000_000 + 864e9 }),
  polledRecord({ key: base64(everyByte), value: base64(everyByte), headers: [header('bin', [0, -1, -128, 127, 10])] }),
  polledRecord({ value: base64(Buffer.alloc(70_000, 'a')) }),
  ...polledRecords(50),
]

const bytesOf = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'))

const asRead = ({ timestamp, key, value, headers }: PolledRecord) => ({
  timestamp,
  key: bytesOf(key),
  value: bytesOf(value),
  headers: headers.map(({ name, value: bits }) => ({
    name: Buffer.from(name),
    value: bits === null ? null : Buffer.from(Int8Array.from(bits).buffer),
  })),
})

describe.each(['none', 'gzip', 'zstd'] as const)('records sent with compression %s', (codec) => {
  const topic = `awkward-${codec}`
  beforeAll(async () => {
    await createTopics(cluster, [{ name: topic, partitions: 1, settings: ANY_TIME }])
    const { stopped } = await openLog(codec).append({ topic, partition: 0, records: AWKWARD }, inTime())
    expect(stopped).toBeUndefined()
  })

  it('lie in the log byte for byte, compressed as they should be', async () => {
    const batches = await readBatches(cluster, topic, 0)
    expect(batches.map(({ codec: used, timestampType }) => [used, timestampType])).toEqual([[codec, 'create']])
    const read = batches.flatMap(({ records }) => records).map(({ offset: _, ...record }) => record)
    expect(read).toEqual(AWKWARD.map(asRead))
  })

  it('reach another client as they are', async () => {
    const consumer = new Consumer({ ...clientOptions(cluster), groupId: `read-${codec}` })
    try {
      const stream = await consumer.consume({ topics: [topic], mode: 'earliest', maxWaitTime: 100 })
      const seen: unknown[] = []
      for await (const { key, value, timestamp } of stream) {
        seen.push([key ?? null, value ?? null, Number(timestamp)])
        if (seen.length === AWKWARD.length) break
      }
      expect(seen).toEqual(AWKWARD.map(asRead).map(({ key, value, timestamp }) => [key, value, timestamp]))
    } finally {
      await consumer.close(true)
    }
  })

  it('are good records for Kafka itself', async () => {
    const jars = await kafkaToolJars()
    const segment = `${folder}/broker-1/data/${topic}-0/00000000000000000000.log`
    const dump = ['-cp', `${jars}/*`, 'org.apache.kafka.tools.DumpLogSegments', '--deep-iteration', '--files', segment]
    const printed = await runProcess('java', ['-Xmx128m', '-XX:TieredStopAtLevel=1', ...dump])
    expect(printed.match(/\| offset: \d+ /g)).toHaveLength(AWKWARD.length)
    expect(printed).toContain('isvalid: true')
    expect(printed).not.toContain('isvalid: false')
    expect(printed).toContain('headerKeys: [trace,b,trace,10,2]')
  })
})

describe('timestamps that Kafka has no date for', () => {
  it.each([[-1], [0], [Number.MAX_SAFE_INTEGER]])('are kept: %d', async (timestamp) => {
    const topic = `timestamp-of-${timestamp}`
    await createTopics(cluster, [{ name: topic, partitions: 1, settings: ANY_TIME }])
    const batch = { topic, partition: 0, records: polledRecords(2, { timestamp }) }
    expect((await openLog().append(batch, inTime())).stopped).toBeUndefined()
    expect((await readRecords(cluster, topic, 0)).map((record) => record.timestamp)).toEqual([timestamp, timestamp])
  })

  it('stop the partition at the record that the target refuses', async () => {
    const topic = 'punctual'
    await createTopics(cluster, [
      { name: topic, partitions: 1, settings: { 'message.timestamp.after.max.ms': '1000' } },
    ])
    const future = polledRecord({ offset: 20, timestamp: Date.now() + 86_400_000 })
    const records = [...polledRecords(20), future, ...polledRecords(5, {}, 21)] as const
    const { placed, stopped } = await openLog().append({ topic, partition: 0, records }, inTime())
    expect(stopped).toMatchObject({ kind: 'refused', error: { code: 'RECORD_REFUSED' } })
    expect(stopped?.error.message).toMatch(/source offset 20 .*INVALID_TIMESTAMP/)
    expect(placed.reduce((sum, { count }) => sum + count, 0)).toBe(20)
    expect(await readRecords(cluster, topic, 0)).toHaveLength(20)
  })
})

/** Random enough not to be compressed. */
const bulky = (sizeBytes: number, count: number): [PolledRecord, ...PolledRecord[]] => {
  const [first, ...rest] = polledRecords(count)
  const grow = (record: PolledRecord): PolledRecord => ({
    ...record,
    value: base64(crypto.getRandomValues(new Uint8Array(Math.min(sizeBytes, 65_536)))),
  })
  return [grow(first), ...rest.map(grow)]
}

describe('the size of batches', () => {
  it('stays below the limit of the topic, many of them at once, all in order', async () => {
    await createTopics(cluster, [{ name: 'sized', partitions: 1, settings: { 'max.message.bytes': '200000' } }])
    const records = bulky(20_000, 100)
    const { placed, stopped, bytes } = await openLog().append({ topic: 'sized', partition: 0, records }, inTime())
    expect(stopped).toBeUndefined()
    expect(placed.length).toBeGreaterThan(9)
    const batches = await readBatches(cluster, 'sized', 0)
    expect(batches.map(({ sizeBytes }) => sizeBytes).every((size) => size <= 200_000)).toBe(true)
    expect(batches.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(bytes)
    expect(batches.flatMap((batch) => batch.records).map(({ value }) => value)).toEqual(
      records.map(({ value }) => bytesOf(value)),
    )
  })

  it('follows a limit that was lowered meanwhile', async () => {
    await createTopics(cluster, [{ name: 'shrunk', partitions: 1 }])
    const log = openLog()
    await log.append({ topic: 'shrunk', partition: 0, records: polledRecords(1) }, inTime())
    await alterTopic(cluster, 'shrunk', { 'max.message.bytes': '50000' })
    const { stopped } = await log.append({ topic: 'shrunk', partition: 0, records: bulky(10_000, 40) }, inTime())
    expect(stopped).toBeUndefined()
    const batches = await readBatches(cluster, 'shrunk', 0)
    expect(batches.flatMap(({ records }) => records)).toHaveLength(41)
    expect(Math.max(...batches.slice(1).map(({ records }) => records.length))).toBe(4)
  })

  it('is no reason to refuse a record that fits when it is compressed', async () => {
    await createTopics(cluster, [{ name: 'squeezed', partitions: 1, settings: { 'max.message.bytes': '5000' } }])
    const records = polledRecords(3, { value: base64(Buffer.alloc(60_000, 'a')) })
    const { stopped } = await openLog('zstd').append({ topic: 'squeezed', partition: 0, records }, inTime())
    expect(stopped).toBeUndefined()
  })

  it('stops the partition at the one record that does not fit, and names its size', async () => {
    await createTopics(cluster, [{ name: 'oversize', partitions: 1, settings: { 'max.message.bytes': '30000' } }])
    const [large] = bulky(40_000, 1)
    const records = [...bulky(5_000, 21), { ...large, offset: 21 }, ...polledRecords(4, {}, 22)] as const
    const [first, ...rest] = records
    const { stopped, placed } = await openLog().append(
      { topic: 'oversize', partition: 0, records: [first, ...rest] },
      inTime(),
    )
    expect(stopped).toMatchObject({ kind: 'refused', error: { code: 'RECORD_REFUSED' } })
    expect(stopped?.error.message).toMatch(/source offset 21 \(40\d\d\d bytes.*MESSAGE_TOO_LARGE/)
    expect(placed.reduce((sum, { count }) => sum + count, 0)).toBe(21)
    expect(await readRecords(cluster, 'oversize', 0)).toHaveLength(21)
  })
})

describe('a target log', () => {
  it('uses one producer id for all partitions', async () => {
    await createTopics(cluster, [{ name: 'one-producer', partitions: 50 }])
    const log = openLog()
    const append = (partition: number) =>
      log.append({ topic: 'one-producer', partition, records: polledRecords(3) }, inTime())
    await append(0)
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, partition) => append(partition)))
    expect(outcomes.filter(({ stopped }) => stopped !== undefined)).toEqual([])
    const producers = await Promise.all([0, 1, 49].map((partition) => readBatches(cluster, 'one-producer', partition)))
    expect(new Set(producers.flat().map(({ producerId }) => producerId)).size).toBe(1)
  })

  it('takes a partition that was added since it looked last', async () => {
    await createTopics(cluster, [{ name: 'growing', partitions: 1 }])
    const log = openLog()
    await log.append({ topic: 'growing', partition: 0, records: polledRecords(1) }, inTime())
    await withAdmin(cluster, (admin) => admin.createPartitions({ topics: [{ name: 'growing', count: 2 }] }))
    const { stopped } = await log.append({ topic: 'growing', partition: 1, records: polledRecords(1) }, inTime())
    expect(stopped).toBeUndefined()
  })

  it('goes on when the topic was deleted and created again', async () => {
    await createTopics(cluster, [{ name: 'again', partitions: 1 }])
    const log = openLog()
    await log.append({ topic: 'again', partition: 0, records: polledRecords(9) }, inTime())
    await withAdmin(cluster, (admin) => admin.deleteTopics({ topics: ['again'] }))
    await createTopics(cluster, [{ name: 'again', partitions: 1 }])
    let outcome = await log.append({ topic: 'again', partition: 0, records: polledRecords(3) }, inTime())
    if (outcome.stopped)
      outcome = await log.append({ topic: 'again', partition: 0, records: polledRecords(3) }, inTime())
    expect(outcome.stopped).toBeUndefined()
    expect(outcome.placed.at(0)?.target).toBe(0n)
  })

  it('lets appends to one partition follow each other', async () => {
    await createTopics(cluster, [{ name: 'queue', partitions: 1 }])
    const log = openLog()
    const appends = [0, 10, 20, 30].map((first) =>
      log.append({ topic: 'queue', partition: 0, records: polledRecords(10, {}, first) }, inTime()),
    )
    const outcomes = await Promise.all(appends)
    expect(outcomes.map(({ placed }) => placed.at(0)?.target)).toEqual([0n, 10n, 20n, 30n])
  })
})
