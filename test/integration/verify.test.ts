import { Producer } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Invoke } from '../../cli/asking.ts'
import { runVerify } from '../../cli/verify.ts'
import { createHandler } from '../../functions/verify/handler.ts'
import { CORPUS_TOPICS, produceAwkwardTopics } from '../../local/corpus/corpus.ts'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { clientOptions } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { connectVerifier } from '../../shared/adapters/verify-connections.ts'
import { PROVENANCE_HEADER } from '../../shared/domain/provenance.ts'
import type { SampleReport } from '../../shared/usecases/verify/verify-sample.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import type { LinkOptions } from '../support/rig-topology.ts'
import { readRecords } from '../support/target-cluster.ts'
import { variedRecords } from '../support/varied-records.ts'

const CONTEXT = {
  awsRequestId: 'request',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:twinshore-verify',
  getRemainingTimeInMillis: () => 55_000,
}
const AGAIN = { retries: 500, retryDelay: 20 }

/** A link, and the command that verifies it, with the function behind it in this process. */
class VerifiedLink {
  readonly link: RigLink
  readonly told: Pick<SampleReport, 'counts' | 'findings' | 'troubles'>[] = []
  invocations = 0
  readonly #handler: ReturnType<typeof createHandler>
  #close = (): void => undefined

  constructor(link: RigLink) {
    this.link = link
    this.#handler = createHandler({
      connect: (place) => {
        Object.assign(process.env, link.environment)
        const connected = connectVerifier({ link: link.link }, place)
        this.#close = connected.close
        return connected
      },
      tell: (report) => void this.told.push(report),
    })
  }

  invoke: Invoke = (_deployed, event) => {
    this.invocations++
    return this.#handler(event, CONTEXT)
  }

  /** The command with these flags: how it ends, and what it tells. */
  async verify(...flags: readonly string[]) {
    const results: string[] = []
    const terminal = { result: (text: string) => void results.push(text), note: () => undefined }
    const quiet = { write: () => undefined }
    const exit = await runVerify(['west-east', ...flags, '--json'], terminal, this.invoke, quiet)
    const { counts, findings, troubles } = JSON.parse(results.join('')) as SampleReport
    return { exit, counts: Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0)), findings, troubles }
  }

  /** Ranges with holes that nobody has read. */
  async unread(): Promise<unknown> {
    return this.#handler({ mode: 'plan', holes: true }, CONTEXT)
  }

  close(): void {
    this.#close()
  }
}

let rig: Rig
const verified: VerifiedLink[] = []
beforeAll(async () => {
  rig = await startRig('verify')
})
afterAll(async () => {
  for (const one of verified) one.close()
  await rig?.stop()
})

/** A link of its own for each topic, which is empty on both clusters. */
const linked = async (topic: string, options: LinkOptions = {}, partitions = 1): Promise<VerifiedLink> => {
  const link = await rig.link({ topics: [topic], ...options })
  await link.source.createTopic(topic, { partitions })
  await link.target.createTopic(link.targetTopic(topic), { partitions })
  const one = new VerifiedLink(link)
  verified.push(one)
  return one
}

const replicate = async ({ link }: VerifiedLink, topic: string): Promise<void> => {
  link.poll(topic)
  await link.caughtUp(topic)
  await link.stopPolling()
}

const replicated = async (topic: string, count: number, options: LinkOptions = {}): Promise<VerifiedLink> => {
  const one = await linked(topic, options)
  await one.link.source.produce(topic, 0, variedRecords(count, topic))
  await replicate(one, topic)
  return one
}

/** Deletes the replica, and writes it anew with these records at the same offsets. */
const rebuild = async ({ link }: VerifiedLink, topic: string, write: (replica: string) => Promise<void>) => {
  const replica = link.targetTopic(topic)
  await link.target.administer((admin) => admin.deleteTopics({ topics: [replica] }))
  const isGone = async (): Promise<boolean> =>
    !(await link.target.administer((admin) => admin.listTopics())).includes(replica)
  await eventually('the replica to be gone', isGone, { withinMs: 20_000 })
  await link.target.forget()
  await link.target.createTopic(replica)
  await write(replica)
}

const recordsOf = async ({ link }: VerifiedLink, topic: string): Promise<CorpusRecord[]> =>
  (await readRecords(link.target.cluster, link.targetTopic(topic), 0)).map(({ offset: _, ...record }) => record)

const decided = async ({ link }: VerifiedLink, topic: string): Promise<void> => {
  const isDecided = async (): Promise<boolean> => {
    const [log] = await link.source.logs(topic)
    return (
      log !== undefined && Array.from({ length: log.size }, (_, at) => log.visibility(at)).every((v) => v !== 'pending')
    )
  }
  await eventually('all markers', isDecided, { withinMs: 20_000 })
}

/** Heads are not written down, although whoever writes them does so. */
const dropCheckpoints = ({ link }: VerifiedLink) => {
  const { name } = link.config.table
  return rig.stateFaults.inject({
    match: ({ operation, body }) => operation === 'PutItem' && body.toString().includes(name),
    fault: 'drop',
  })
}

describe('replicas that are right', () => {
  it('are verified to the last record', async () => {
    const one = await replicated('plain', 700)
    expect(await one.verify()).toEqual({ exit: 0, counts: { verified: 700 }, findings: [], troubles: [] })
  })

  it('may be transactional: what was aborted and markers are no difference, and holes are confirmed', async () => {
    const one = await linked('transactional')
    await produceHoles(one.link.source, 'transactional', { partitions: 1, transactions: 60 })
    await decided(one, 'transactional')
    await replicate(one, 'transactional')
    const partition = { topic: 'transactional', partition: 0 }
    expect((await one.link.head(partition))?.unverifiedFrom).toBe(1n)
    expect(await one.unread()).toMatchObject({ ranges: [{ ...partition, from: '1' }] })
    expect(await one.verify('--holes')).toMatchObject({ exit: 0, counts: {} })
    expect(await one.unread()).toMatchObject({ ranges: [] })
    expect(await one.verify()).toMatchObject({ exit: 0, counts: { verified: 54 } })
  })

  it('may be compacted, and hold records in every codec, null and empty, old and new', async () => {
    const { awkward, transactions, compacted } = CORPUS_TOPICS
    const link = await rig.link({ topics: [awkward.name, transactions.name, compacted.name] })
    const one = new VerifiedLink(link)
    verified.push(one)
    for (const { name, ...topic } of [awkward, transactions, compacted]) {
      await link.source.createTopic(name, topic)
      await link.target.createTopic(link.targetTopic(name), topic)
    }
    await produceAwkwardTopics(link.source.cluster, { seed: 5 })
    for (const { name } of [awkward, transactions, compacted]) await replicate(one, name)
    const { exit, findings, troubles, counts } = await one.verify()
    expect({ exit, findings, troubles }).toEqual({ exit: 0, findings: [], troubles: [] })
    expect(counts.verified).toBeGreaterThan(200)
  })

  it('may say where records come from, beside records of their own applications', async () => {
    const one = await replicated('both-ways', 40, { naming: 'identity', provenance: true })
    const [record] = await recordsOf(one, 'both-ways')
    expect(record?.headers.map(({ name }) => name.toString())).toContain(PROVENANCE_HEADER)
    await one.link.target.produce('both-ways', 0, variedRecords(3, 'native'))
    expect(await one.verify()).toMatchObject({ exit: 0, counts: { verified: 40, native: 3 } })
  })

  it('may hold copies of a batch whose checkpoint a crash prevented', async () => {
    const one = await replicated('crashed', 10)
    await one.link.source.produce('crashed', 0, variedRecords(5, 'in flight'))
    const drop = dropCheckpoints(one)
    one.link.poll('crashed')
    await drop.firstMatch
    await one.link.fn.kill()
    drop.remove()
    await one.link.caughtUp('crashed')
    await one.link.stopPolling()
    const { exit, counts } = await one.verify()
    expect({ exit, counts }).toEqual({ exit: 0, counts: { verified: 15, duplicates: 5 } })
  })
})

describe('replicas of a link that delivers exactly once', () => {
  const EXACTLY_ONCE = { delivery: 'exactly-once' } as const

  /** The last transaction of the source was aborted, and lies behind the checkpoint. */
  it('are right, with a marker behind every batch', async () => {
    const one = await linked('once', EXACTLY_ONCE)
    await produceHoles(one.link.source, 'once', { partitions: 1, transactions: 60 })
    await decided(one, 'once')
    one.link.poll('once', { batchSize: 7 })
    await one.link.caughtUp('once')
    await one.link.stopPolling()
    const [log] = await one.link.target.logs(one.link.targetTopic('once'))
    expect(Number(log?.logEnd ?? 0n)).toBeGreaterThan(54 + 54 / 7)
    expect(await one.verify()).toEqual({ exit: 0, counts: { verified: 54, aborted: 5 }, findings: [], troubles: [] })
    expect(await one.unread()).toMatchObject({ ranges: [] })
    const { exit, counts } = await one.verify('--sample', '3')
    expect([exit, counts.foreign]).toEqual([0, undefined])
  })

  it.each([
    ['before', 'EndTxn'],
    ['after', 'EndTxn'],
    ['after', 'Produce'],
  ] as const)('are right when the function was killed %s %s', async (when, call) => {
    const topic = `once-${when}-${call}`
    const one = await linked(topic, EXACTLY_ONCE)
    await one.link.source.produce(topic, 0, variedRecords(30, topic))
    one.link.fn.killAt({ call, when })
    one.link.poll(topic, { batchSize: 10 })
    await one.link.caughtUp(topic)
    await one.link.stopPolling()
    expect(one.link.fn.deaths).toBe(1)
    const { exit, counts, findings } = await one.verify()
    expect({ exit, findings }).toEqual({ exit: 0, findings: [] })
    expect([counts.verified, counts.duplicates]).toEqual([30, undefined])
  })

  it('hold what was committed before its checkpoint was written down, and then once', async () => {
    const one = await replicated('once-ahead', 10, EXACTLY_ONCE)
    await one.link.source.produce('once-ahead', 0, variedRecords(5, 'in flight'))
    const drop = dropCheckpoints(one)
    one.link.poll('once-ahead')
    await drop.firstMatch
    const { exit, counts } = await one.verify()
    expect({ exit, counts }).toEqual({ exit: 0, counts: { verified: 10, duplicates: 5 } })
    await one.link.fn.kill()
    drop.remove()
    await one.link.caughtUp('once-ahead')
    await one.link.stopPolling()
    expect(await one.verify()).toMatchObject({ exit: 0, counts: { verified: 15 } })
    expect((await one.verify()).counts.duplicates).toBeUndefined()
  })

  it('show a foreign record among the markers', async () => {
    const one = await replicated('once-foreign', 20, EXACTLY_ONCE)
    await one.link.target.produce(one.link.targetTopic('once-foreign'), 0, variedRecords(1, 'intruder'))
    await one.link.source.produce('once-foreign', 0, variedRecords(5, 'later'))
    await replicate(one, 'once-foreign')
    const { exit, counts, findings } = await one.verify()
    expect({ exit, counts }).toEqual({ exit: 1, counts: { verified: 25, foreign: 1 } })
    expect(findings).toMatchObject([{ kind: 'foreign' }])
  })
})

describe('a partition that is being replicated', () => {
  it('is verified, and its holes are read, without a difference and without a false loss', async () => {
    const one = await linked('busy')
    const { source } = one.link
    one.link.poll('busy', { batchSize: 20 })
    let isProducing = true
    const producing = produceHoles(source, 'busy', { partitions: 1, transactions: 400 }).finally(() => {
      isProducing = false
    })
    await eventually('a checkpoint', () => one.link.head({ topic: 'busy', partition: 0 }), { withinMs: 20_000 })
    const seen: number[] = []
    while (isProducing || seen.length < 4) {
      const { exit, findings } = await one.verify('--holes')
      const whole = await one.verify()
      expect([exit, findings, whole.exit, whole.findings]).toEqual([0, [], 0, []])
      seen.push(whole.counts.verified ?? 0)
    }
    await producing
    await decided(one, 'busy')
    await one.link.caughtUp('busy')
    await one.link.stopPolling()
    expect(new Set(seen).size).toBeGreaterThan(1)
    expect(await one.verify('--holes')).toMatchObject({ exit: 0 })
    expect(await one.verify()).toEqual({ exit: 0, counts: { verified: 360, aborted: 39 }, findings: [], troubles: [] })
    expect(await one.unread()).toMatchObject({ ranges: [] })
    expect(await one.link.gaps({ topic: 'busy', partition: 0 })).toEqual([])
  })
})

describe('replicas that are wrong', () => {
  it('hold a foreign record, between records and behind them', async () => {
    const one = await replicated('foreign', 20)
    await one.link.target.produce(one.link.targetTopic('foreign'), 0, variedRecords(1, 'intruder'))
    await one.link.source.produce('foreign', 0, variedRecords(5, 'later'))
    await replicate(one, 'foreign')
    await one.link.target.produce(one.link.targetTopic('foreign'), 0, variedRecords(1, 'last'))
    const { exit, counts, findings } = await one.verify()
    expect({ exit, counts }).toEqual({ exit: 1, counts: { verified: 25, foreign: 2 } })
    expect(findings.map(({ kind, target }) => [kind, target])).toEqual([
      ['foreign', '20'],
      ['foreign', '26'],
    ])
  })

  it('differ in one byte at a known offset', async () => {
    const one = await replicated('changed', 50)
    const records = await recordsOf(one, 'changed')
    const changed = records.map((record, at) =>
      at === 23 ? { ...record, value: Buffer.from(`${record.value}`.replace('23', '24')) } : record,
    )
    await rebuild(one, 'changed', (replica) => one.link.target.produce(replica, 0, changed).then(() => undefined))
    const { exit, counts, findings } = await one.verify()
    expect({ exit, counts }).toEqual({ exit: 1, counts: { verified: 49, different: 1 } })
    expect(findings).toEqual([
      { topic: 'changed', partition: 0, kind: 'different', field: 'value', source: '23', target: '23' },
    ])
  })

  it('lack one record, in whose place there is a marker', async () => {
    const one = await replicated('removed', 12)
    const records = await recordsOf(one, 'removed')
    const [before, last, after] = [records.slice(0, 7), records.slice(7, 8), records.slice(9)]
    await rebuild(one, 'removed', async (replica) => {
      await one.link.target.produce(replica, 0, before)
      await commitAlone(one, replica, last)
      const hasMarker = async () => (await one.link.target.logs(replica)).every(({ logEnd }) => logEnd === 9n)
      await eventually('the marker', hasMarker, { withinMs: 20_000 })
      await one.link.target.produce(replica, 0, after)
    })
    const { exit, counts, findings } = await one.verify()
    expect({ exit, counts }).toEqual({ exit: 1, counts: { verified: 11, missing: 1 } })
    expect(findings).toEqual([{ topic: 'removed', partition: 0, kind: 'missing', source: '8', target: '8' }])
  })

  const commitAlone = async ({ link }: VerifiedLink, topic: string, records: readonly CorpusRecord[]) => {
    const transactionalId = `rebuild-${topic}`
    const options = { ...clientOptions(link.target.cluster), ...AGAIN, idempotent: true, transactionalId }
    const producer = new Producer(options)
    try {
      const transaction = await producer.beginTransaction()
      const messages = records.map(({ key, value, timestamp }) => ({
        topic,
        partition: 0,
        timestamp: BigInt(timestamp),
        key: key as Buffer,
        value: value as Buffer,
      }))
      await transaction.send({ messages, acks: -1 })
      await transaction.commit()
    } finally {
      await producer.close()
    }
  }

  it('never got records that retention took before anybody had read their hole: they are lost, and the ledger says so', async () => {
    const one = await linked('holed')
    await produceHoles(one.link.source, 'holed', { partitions: 1, transactions: 9 })
    await decided(one, 'holed')
    await replicate(one, 'holed')
    await one.link.source.deleteBelow('holed', 0, 6n)
    const { exit, counts, findings } = await one.verify('--holes')
    expect({ exit, counts }).toEqual({ exit: 1, counts: { lost: 3 } })
    expect(findings.map(({ source, to }) => [source, to])).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ])
    const gaps = await one.link.gaps({ topic: 'holed', partition: 0 })
    expect(gaps.map(({ kind, from, to }) => [kind, from, to])).toEqual([1n, 3n, 5n].map((at) => ['lost', at, at + 1n]))
    expect(await one.verify('--holes')).toMatchObject({ exit: 0, counts: {} })
  })
})

describe('parts of a replica', () => {
  it('are samples, or what was written since a time', async () => {
    const one = await linked('parts', {}, 2)
    const now = Date.now()
    for (const partition of [0, 1]) {
      await one.link.source.produce('parts', partition, variedRecords(1_200, 'old'))
      await one.link.source.produce('parts', partition, variedRecords(30, 'new', { timestamp: now }))
    }
    await replicate(one, 'parts')
    expect(await one.verify('--since', '1h')).toMatchObject({ exit: 0, counts: { verified: 60 } })
    const { exit, counts } = await one.verify('--topic', 'parts', '--sample', '2')
    expect(exit).toBe(0)
    expect(counts.verified).toBeGreaterThan(0)
    expect(counts.verified).toBeLessThanOrEqual(1_000)
    await expect(one.verify('--topic', 'unheard-of')).rejects.toMatchObject({ code: 'TOPIC_UNFOLLOWED' })
  })

  it('are what the schedule takes, which tells alarms', async () => {
    const one = await replicated('scheduled', 100)
    await one.link.target.produce(one.link.targetTopic('scheduled'), 0, variedRecords(1, 'intruder'))
    const answer = await one.invoke({ region: '', name: '', stack: '', answersWithinMs: 0 }, {})
    expect(answer).toMatchObject({ troubles: [], left: 0 })
    expect(one.told.at(-1)?.counts.verified).toBeGreaterThan(0)
  })
})
