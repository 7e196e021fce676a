import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runTail } from '../../cli/tail.ts'
import { type LocalAws, startAws } from '../../local/aws/aws.ts'
import { clientSettings } from '../../local/aws/deployed-stack.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { tailLedger } from '../../shared/adapters/dynamodb/tail-ledger.ts'
import { KafkaLogReader } from '../../shared/adapters/kafka/kafka-log-reader.ts'
import { KafkaRecordDeletion } from '../../shared/adapters/kafka/kafka-record-deletion.ts'
import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import { createS3Client } from '../../shared/adapters/s3/s3-client.ts'
import { s3TailStore } from '../../shared/adapters/s3/tail-store.ts'
import { loadTopology } from '../../shared/config/load-topology.ts'
import type { TailChoice } from '../../shared/domain/failover/failover-input.ts'
import type { FailoverLink } from '../../shared/domain/failover/failover-order.ts'
import { strandedOrigin } from '../../shared/domain/failover/stranded-header.ts'
import { INITIAL_STATUS } from '../../shared/domain/head.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import { allRecords, lateRecords } from '../../shared/usecases/failover/own-records.ts'
import { readTail, type TailFinding } from '../../shared/usecases/failover/read-tail.ts'
import { settleTail, type TailDeps } from '../../shared/usecases/failover/settle-tail.ts'
import type { TailHistory } from '../../shared/usecases/failover/tail-ports.ts'
import { FakeFailoverTable } from '../fakes/failover-table.ts'
import { FakeLinkState } from '../fakes/link-state.ts'
import { inTime } from '../support/in-time.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'
import { NO_SECRETS, openAccess, openCluster, readRecords } from '../support/target-cluster.ts'

const REGION = 'eu-west-1'
const BUCKET = 'tails'
const PAIR = (await loadTopology('self-managed-pair')).pairs[0]?.name ?? 'none'
const COPY = 'copy-of-'
/** More than one fetch brings, and than one piece holds. */
const LARGE = Array.from({ length: 40 }, (_, at) => Buffer.alloc(200_000, `large ${at} `))

const { client, newTable } = dynamoDbForTests()
const open: { close(): void }[] = []
let kafka: { cluster: LocalCluster; close: () => Promise<void> }
let folder: string
let aws: LocalAws

const opened = <Connection extends { close(): void }>(connection: Connection): Connection => {
  open.push(connection)
  return connection
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-tail-'))
  aws = await startAws({ folder })
  kafka = await openCluster()
  await s3().send(new CreateBucketCommand({ Bucket: BUCKET }))
})
afterAll(async () => {
  for (const connection of open) connection.close()
  await kafka?.close()
  await aws?.stop()
  await rm(folder, { recursive: true, force: true })
})

const s3 = () => createS3Client({ ...clientSettings(aws.url, REGION), forcePathStyle: true })

const write = async (topic: string): Promise<void> => {
  const cluster = kafkaClient(kafka.cluster.bootstrapServers, kafka.cluster.login)
  const plain = cluster.producer()
  await plain.connect()
  const headers = { own: Buffer.from([0, 255]), empty: '' }
  const first = { partition: 0, key: null, value: 'replicated', timestamp: '1000' }
  const strange = { partition: 0, key: Buffer.alloc(0), value: null, timestamp: '2000', headers }
  await plain.send({ topic, messages: [first, strange] })
  for (const value of LARGE) await plain.send({ topic, messages: [{ partition: 0, value }] })
  await plain.disconnect()
  const transactional = cluster.producer({
    transactionalId: `tail of ${topic}`,
    maxInFlightRequests: 1,
    idempotent: true,
  })
  await transactional.connect()
  for (const end of ['abort', 'commit'] as const) {
    const transaction = await transactional.transaction()
    await transaction.send({ topic, messages: ['a', 'b'].map((value) => ({ partition: 1, value: `${end} ${value}` })) })
    await transaction[end]()
  }
  await transactional.disconnect()
}

type OpenedTail = TailDeps & { readonly ledger: TailHistory }

const stranded = async (topic: string): Promise<OpenedTail> => {
  const topics = [topic, `${COPY}${topic}`].map((name) => ({ name, partitions: 2 }))
  await createTopics(kafka.cluster, topics)
  await write(topic)
  const access = openAccess(kafka.cluster.bootstrapServers)
  const source = opened(new KafkaLogReader(access, { secrets: NO_SECRETS, side: 'source' }))
  const target = opened(new KafkaLogReader(access, { secrets: NO_SECRETS, side: 'target' }))
  const head = { incarnation: 'life', nextSource: 1n, nextTarget: 0n, openRuns: [], last: undefined }
  const replicated = { ...head, unverifiedFrom: undefined, epoch: 0, updatedAt: 0 }
  const partitions = [0, 1].map((partition) => ({ topic, partition, incarnation: 'life' }))
  const state = new FakeLinkState()
  await state.advance({ topic, partition: 0 }, undefined, replicated)
  const points = new Map([[0, { targetEnd: 0n, replicated: { source: 1n, target: 0n } }]])
  const both = new Map([0, 1].map((partition) => [partition, { targetEnd: 0n }]))
  return {
    cluster: 'west',
    pair: 'west-east',
    partitions: async () => partitions,
    reader: source,
    own: allRecords,
    late: lateRecords,
    state,
    clock: Date,
    boundary: { topics: async () => [{ topic, targetTopic: topic, targetIncarnation: 'life', points }] },
    ledger: tailLedger(new LinkTable({ client: client(), name: await newTable() })),
    store: s3TailStore(s3(), BUCKET),
    target: opened(new KafkaTargetLog(access, { secrets: NO_SECRETS, compression: 'none' })),
    targetReader: target,
    targetTopic: (name) => `${COPY}${name}`,
    counted: () => undefined,
    gaps: state,
    deletion: opened(new KafkaRecordDeletion(access, { secrets: NO_SECRETS })),
    returning: async () => [{ topic, targetTopic: topic, targetIncarnation: 'life', points: both }],
  }
}

const settle = (topic: string, tail: TailChoice, deps: TailDeps) =>
  settleTail({ execution: `execution-of-${topic}`, tail }, inTime(60_000), deps)

const keysOf = async (execution: string, { store }: TailDeps): Promise<readonly string[]> => {
  const keys: string[] = []
  for await (const { key } of store.objects(execution, inTime())) keys.push(key)
  return keys
}

const body = async (Key: string): Promise<Uint8Array> => {
  const { Body } = await s3().send(new GetObjectCommand({ Bucket: BUCKET, Key }))
  return (await Body?.transformToByteArray()) ?? Buffer.alloc(0)
}

/** Another byte in the middle. */
const flipped = (bytes: Uint8Array): Uint8Array => {
  const at = bytes.length >> 1
  return bytes.with(at, (bytes[at] ?? 0) ^ 1)
}

/** `twinshore tail` on the ledger and the bucket of a tail. */
const command = (topic: string, { store, ledger }: OpenedTail) => {
  const table = new FakeFailoverTable({ status: INITIAL_STATUS })
  const desk = { history: ledger, debts: table, pair: table, store: async () => store, close: () => undefined }
  const nothing = { ...desk, history: { executions: async () => new Map() } }
  const run = async (...args: readonly string[]) => {
    const [results, notes, lines]: [string[], string[], string[]] = [[], [], []]
    const terminal = {
      result: (text: string) => void results.push(text),
      note: (text: string) => void notes.push(text),
    }
    const records = () => ({
      write: async (text: string) => (lines.push(text) > 0 ? ('written' as const) : ('left' as const)),
      close: async () => 'standard output',
    })
    const connect = ({ order }: FailoverLink) => (order.link.target.name === 'dublin' ? desk : nothing)
    const nobody = { interactive: false, ask: async () => '' }
    const progress = { write: () => undefined }
    const around = { topology: loadTopology, connect, records, prompt: nobody, clock: Date, progress }
    const exitCode = await runTail([PAIR, ...args, '--topology', 'self-managed-pair'], terminal, around)
    return { exitCode, results, notes, lines }
  }
  return { execution: `execution-of-${topic}`, run }
}

const FIGURES = '43 stranded records in 2 partitions'
const bytesOf = (value: Uint8Array | null | undefined) => (value ? Buffer.from(value) : value)

describe('a stranded tail of real logs', () => {
  it('is exported whole, and read back byte for byte', async () => {
    const deps = await stranded('exported')
    const { message } = await settle('exported', 'export', deps)
    expect(message).toBe(
      `${FIGURES}: kept in s3://tails/tails/execution-of-exported/, and printed by npx twinshore tail west-east execution-of-exported`,
    )
    const parts = await deps.ledger.parts('execution-of-exported', inTime())
    const records: Extract<TailFinding, { kind: 'record' }>[] = []
    const reading = { execution: 'execution-of-exported', parts, wanted: () => true }
    for await (const one of readTail(reading, deps.store, inTime())) {
      if (one.kind !== 'record') throw new Error(`${one.topic} from ${one.from} to ${one.to} cannot be read`)
      records.push(one)
    }
    expect(records.slice(0, 2).map(({ partition, record }) => [partition, record.offset])).toEqual([
      [0, 1n],
      [0, 2n],
    ])
    const strange = records[0]?.record
    expect({ ...strange, key: bytesOf(strange?.key) }).toMatchObject({
      timestamp: 2_000,
      value: null,
      key: Buffer.alloc(0),
    })
    const headers = strange?.headers.map(({ name, value }) => [Buffer.from(name).toString(), bytesOf(value)])
    expect(headers).toEqual([
      ['own', Buffer.from([0, 255])],
      ['empty', Buffer.alloc(0)],
    ])
    expect(records.slice(1, 41).map(({ record }) => bytesOf(record.value))).toEqual(LARGE)
    expect(records.slice(41).map(({ record }) => String(bytesOf(record.value)))).toEqual(['commit a', 'commit b'])
  })

  it('is printed by a command, which tells of what is damaged or missing', async () => {
    const deps = await stranded('printed')
    const { execution, run } = command('printed', deps)
    await settle('printed', 'export', deps)
    const whole = await run(execution, '--json')
    expect(whole).toMatchObject({ exitCode: 0, notes: ['43 records are in standard output'] })
    expect(whole.lines.map((line) => JSON.parse(line)).slice(0, 1)).toMatchObject([
      {
        offset: '1',
        timestamp: 2_000,
        key: '',
        value: null,
        headers: [
          ['own', { base64: 'AP8=' }],
          ['empty', ''],
        ],
      },
    ])
    expect(
      whole.lines.filter((line) => line.includes('large')).map((line) => Buffer.from(JSON.parse(line).value)),
    ).toEqual(LARGE)
    const [first, ...others] = await keysOf(execution, deps)
    expect(others.length).toBeGreaterThan(1)
    const Key = first ?? ''
    const bytes = await body(Key)
    for (const damaged of [
      bytes.subarray(0, -20),
      Buffer.from('{}'),
      flipped(bytes),
      await body(others.at(-1) ?? ''),
    ]) {
      await s3().send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: damaged }))
      const { exitCode, notes, lines } = await run(execution)
      expect(exitCode).toBe(1)
      expect(notes.join()).toMatch(/printed-0: offsets 1 to \d+ cannot be read: TAIL_DAMAGED/)
      expect(lines.length).toBeLessThan(43)
    }
    await s3().send(new DeleteObjectCommand({ Bucket: BUCKET, Key }))
    expect((await run(execution)).notes.join()).toMatch(/cannot be read: the piece that held them is missing/)
    expect(await run(execution, '--partition', '1', '--topic', 'printed')).toMatchObject({ exitCode: 0 })
    expect(await run()).toMatchObject({ exitCode: 1, results: [expect.stringContaining('pieces are missing')] })
  })

  it('is merged once, also when its answer was lost, with where each record was written', async () => {
    const deps = await stranded('merged')
    let appends = 0
    const dying: TailDeps['target'] = {
      append: async (batch, deadline) => {
        const outcome = await deps.target.append(batch, deadline)
        if (++appends % 2 === 1) throw new Error('killed')
        return outcome
      },
    }
    for (let lives = 0; lives < 20; lives++)
      if ((await settle('merged', 'merge', { ...deps, target: dying }).catch(() => undefined)) !== undefined) break
    expect((await settle('merged', 'merge', deps)).message).toContain(FIGURES)
    expect(appends).toBeGreaterThan(3)
    const values = async (partition: number) => await readRecords(kafka.cluster, `${COPY}merged`, partition)
    expect((await values(1)).map(({ value }) => value?.toString())).toEqual(['commit a', 'commit b'])
    const [strange, ...large] = await values(0)
    expect(large.map(({ value }) => value)).toEqual(LARGE)
    const replica: PartitionId = { topic: `${COPY}merged`, partition: 0 }
    const read = await deps.targetReader.read(replica, 0n, { maxBytes: 1_000, isolation: 'marked' }, inTime())
    expect(read.kind === 'read' && read.records[0] && strandedOrigin(read.records[0])).toEqual({
      cluster: 'west',
      offset: 1n,
    })
    expect(strange?.value).toBeNull()
  })

  it('is kept, and goes with the rest when the topics are scraped, unless they are compacted', async () => {
    const deps = await stranded('scraped')
    expect((await settle('scraped', 'scrape', deps)).message).toContain('west was emptied')
    for (const [name, edges] of await deps.reader.edges(await deps.partitions(inTime()), inTime())) {
      if (!('end' in edges)) throw edges
      expect(edges.start, name).toBe(edges.end)
      expect(edges.end, name).toBeGreaterThan(0n)
    }
    expect((await settle('scraped', 'scrape', deps)).outcome).toBe('done')
    const { execution, run } = command('scraped', deps)
    const printed = await run(execution, '--json')
    expect(printed).toMatchObject({ exitCode: 0, notes: ['43 records are in standard output'] })
    await createTopics(kafka.cluster, [{ name: 'kept', partitions: 1, settings: { 'cleanup.policy': 'compact' } }])
    const kept = [{ topic: 'kept', partition: 0, offset: 0n }]
    expect((await deps.deletion.deleteBelow(kept, inTime())).get('kept-0')).toMatchObject({ code: 'TOPIC_REFUSED' })
  })
})
