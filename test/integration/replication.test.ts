import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CORPUS_TOPICS, produceCorpus } from '../../local/corpus/corpus.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { FLAWLESS } from '../support/flawless.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import { variedRecords } from '../support/varied-records.ts'

let rig: Rig
let link: RigLink
beforeAll(async () => {
  rig = await startRig('replication')
  link = await rig.link()
})
afterAll(() => rig?.stop())

/** The same topic on both clusters, the target's under the name that the link gives it. */
const createBoth = async (of: RigLink, topic: string, partitions: number): Promise<void> => {
  await of.source.createTopic(topic, { partitions })
  await of.target.createTopic(of.targetTopic(topic), { partitions })
}

const fill = async (of: RigLink, topic: string, partitions: readonly number[], count: number, word = topic) => {
  for (const partition of partitions)
    await of.source.produce(topic, partition, variedRecords(count, `${word} ${partition}`))
}

describe('a one-way link', () => {
  it('copies records byte for byte, into the same partition, in order, and maps every offset', async () => {
    await createBoth(link, 'plain', 3)
    await fill(link, 'plain', [0, 1, 2], 150)
    link.poll('plain')
    await link.caughtUp('plain')
    expect(await link.judge('plain')).toEqual({ ...FLAWLESS, records: 450 })
  })

  it('writes nothing to the source', async () => {
    const topics = await rig.source.administer((admin) => admin.listTopics())
    expect(topics.toSorted()).toEqual(['__consumer_offsets', 'plain'])
    expect((await rig.source.logs('plain')).map(({ logEnd }) => logEnd)).toEqual([150n, 150n, 150n])
  })

  it('leaves an empty partition empty, and knows no position in it', async () => {
    await createBoth(link, 'with-empty', 2)
    await fill(link, 'with-empty', [1], 20)
    link.poll('with-empty')
    await link.caughtUp('with-empty')
    expect(await link.judge('with-empty')).toEqual({ ...FLAWLESS, records: 20 })
    expect(await link.head({ topic: 'with-empty', partition: 0 })).toBeUndefined()
  })

  it('replicates a topic that is added while others flow', async () => {
    await createBoth(link, 'first', 2)
    await createBoth(link, 'second', 2)
    await fill(link, 'first', [0, 1], 60)
    link.poll('first')
    await fill(link, 'second', [0, 1], 60)
    link.poll('second')
    await fill(link, 'first', [0, 1], 60, 'more')
    for (const topic of ['first', 'second']) await link.caughtUp(topic)
    expect(await link.judge('first')).toEqual({ ...FLAWLESS, records: 240 })
    expect(await link.judge('second')).toEqual({ ...FLAWLESS, records: 120 })
  })

  it('appends to a target that holds records already, and maps past them', async () => {
    await createBoth(link, 'existing', 1)
    await rig.target.produce(link.targetTopic('existing'), 0, variedRecords(30, 'older'))
    await fill(link, 'existing', [0], 50)
    link.poll('existing')
    await link.caughtUp('existing')
    const verdict = await link.judge('existing')
    expect(verdict).toMatchObject({ ...FLAWLESS, records: 50, phantom: 30, firstOffences: expect.anything() })
    expect(verdict.firstOffences.map(({ kind, targetOffset }) => [kind, targetOffset])).toEqual([
      ['phantom', 0n],
      ['phantom', 1n],
      ['phantom', 2n],
    ])
    expect((await link.head({ topic: 'existing', partition: 0 }))?.openRuns).toEqual([
      { source: 0n, target: 30n, length: 50n },
    ])
  })

  it('goes on where it was after function and poller were restarted between two rounds', async () => {
    const restarted = await rig.link()
    await createBoth(restarted, 'rounds', 2)
    await fill(restarted, 'rounds', [0, 1], 70)
    restarted.poll('rounds')
    await restarted.caughtUp('rounds')
    await restarted.stopPolling()
    await restarted.fn.stop()
    await fill(restarted, 'rounds', [0, 1], 70, 'later')
    restarted.poll('rounds')
    await restarted.caughtUp('rounds')
    expect(await restarted.judge('rounds')).toEqual({ ...FLAWLESS, records: 280 })
    expect(restarted.fn.deaths).toBe(1)
  })
})

describe('a transaction that is still open', () => {
  it('holds up a poller that reads committed, and nothing of it is lost when it ends', async () => {
    await createBoth(link, 'undecided', 1)
    const producer = kafkaClient(rig.source.cluster.bootstrapServers, rig.source.cluster.login).producer({
      transactionalId: 'undecided',
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    await fill(link, 'undecided', [0], 10, 'before')
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'undecided', messages: [{ value: 'undecided' }] })
    await fill(link, 'undecided', [0], 10, 'behind')
    link.poll('undecided')
    await eventually(
      'what comes before it',
      async () => (await link.head({ topic: 'undecided', partition: 0 }))?.nextSource === 10n,
      { withinMs: 20_000 },
    )
    expect((await rig.target.logs(link.targetTopic('undecided')))[0]?.size).toBe(10)
    await transaction.commit()
    await producer.disconnect()
    await link.caughtUp('undecided')
    expect(await link.judge('undecided')).toEqual({ ...FLAWLESS, records: 21 })
  })
})

describe('two links, there and back, with prefixed names', () => {
  it('replicate both directions, and nothing returns to where it came from', async () => {
    const [there, back] = [await rig.link({ naming: 'prefix' }), await rig.link({ naming: 'prefix', reverse: true })]
    for (const one of [there, back]) await createBoth(one, 'orders', 2)
    await fill(there, 'orders', [0, 1], 40, 'from the source')
    await fill(back, 'orders', [0, 1], 25, 'from the target')
    for (const one of [there, back]) one.poll('orders')
    for (const one of [there, back]) await one.caughtUp('orders')
    expect([there.targetTopic('orders'), back.targetTopic('orders')]).toEqual(['source.orders', 'target.orders'])
    expect(await there.judge('orders')).toEqual({ ...FLAWLESS, records: 80 })
    expect(await back.judge('orders')).toEqual({ ...FLAWLESS, records: 50 })
  })
})

describe('an awkward corpus', () => {
  beforeAll(async () => {
    await createTopics(rig.source.cluster, Object.values(CORPUS_TOPICS))
    await produceCorpus(rig.source.cluster, { seed: 3 })
  })

  const replicate = async (
    of: RigLink,
    name: keyof typeof CORPUS_TOPICS,
    options: Parameters<RigLink['poll']>[1] = {},
  ) => {
    const { partitions } = CORPUS_TOPICS[name]
    await of.target.createTopic(of.targetTopic(name), { partitions })
    of.poll(name, options)
    await of.caughtUp(name)
    return of.judge(name)
  }

  it.each(['zstd', 'gzip', 'none'] as const)('arrives as it is, compressed with %s', async (compression) => {
    const own = await rig.link({ compression })
    const verdict = await replicate(own, 'awkward', { batchSize: 10_000 })
    expect(verdict).toEqual({ ...FLAWLESS, records: verdict.records })
    expect(verdict.records).toBeGreaterThan(150)
    await own.stop()
  })

  it('keeps the holes of a compacted topic out of the map', async () => {
    const verdict = await replicate(link, 'compacted')
    expect(verdict).toEqual({ ...FLAWLESS, records: verdict.records })
    const head = await link.head({ topic: 'compacted', partition: 0 })
    expect(head?.openRuns.length).toBeGreaterThan(1)
    expect(head?.unverifiedFrom).toBeDefined()
  })

  it('has no record of an aborted transaction where the poller reads committed', async () => {
    const verdict = await replicate(link, 'transactions')
    expect(verdict).toEqual({ ...FLAWLESS, records: verdict.records })
    const logs = await rig.source.logs('transactions')
    expect(verdict.records).toBeLessThan(logs.reduce((sum, { size }) => sum + size, 0))
  })

  it('has aborted records, each of them counted, where the poller does not', async () => {
    const careless = await rig.link()
    const verdict = await replicate(careless, 'transactions', { isolation: 'read_uncommitted' })
    const logs = await rig.source.logs('transactions')
    const aborted = logs.flatMap((log) => Array.from({ length: log.size }, (_, at) => log.visibility(at)))
    expect(verdict).toEqual({
      ...FLAWLESS,
      records: aborted.length,
      aborted: aborted.filter((one) => one === 'aborted').length,
    })
    expect(verdict.aborted).toBeGreaterThan(0)
  })
})
