import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { MeasuredLink } from '../support/measured-link.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { LinkOptions } from '../support/rig-topology.ts'
import { variedRecords } from '../support/varied-records.ts'

const EVERY_MS = 2_000

let rig: Rig
const measured: MeasuredLink[] = []
beforeAll(async () => {
  rig = await startRig('measure-lag')
})
afterAll(async () => {
  for (const one of measured) one.close()
  await rig?.stop()
})

const linked = async (topic: string, partitions = 1, options: LinkOptions = {}): Promise<MeasuredLink> => {
  const link = await rig.link({ topics: [topic], ...options })
  await link.source.createTopic(topic, { partitions })
  await link.target.createTopic(link.targetTopic(topic), { partitions })
  const one = new MeasuredLink(link, EVERY_MS)
  measured.push(one)
  return one
}

const replicate = async ({ link }: MeasuredLink, topic: string): Promise<void> => {
  link.poll(topic)
  await link.caughtUp(topic)
  await link.stopPolling()
}

/** A record that waits; nobody knows better than this when it came. */
interface Waiting {
  readonly sentAt: number
  readonly acknowledgedAt: number
}

const produced = async ({ link }: MeasuredLink, topic: string, partition: number): Promise<Waiting> => {
  const sentAt = Date.now()
  await link.source.produce(topic, partition, variedRecords(1, `at ${sentAt}`))
  return { sentAt, acknowledgedAt: Date.now() }
}

/** Compares each sample with all records that are known, of which none is replicated meanwhile. */
const compare = ({ told, longestGapMs }: MeasuredLink, from: number, waiting: readonly Waiting[]): void => {
  const [oldest] = waiting
  if (oldest === undefined) throw new Error('nothing waits')
  for (const { report, toldAt } of told.slice(from)) {
    const surely = waiting.filter(({ acknowledgedAt }) => acknowledgedAt < report.at)
    const perhaps = waiting.filter(({ sentAt }) => sentAt <= toldAt)
    expect(report.lag.records).toBeGreaterThanOrEqual(surely.length)
    expect(report.lag.records).toBeLessThanOrEqual(perhaps.length)
    if (surely.length === 0) continue
    expect(report.lag.lagMs).toBeGreaterThanOrEqual(report.at - oldest.acknowledgedAt)
    expect(report.lag.lagMs).toBeLessThanOrEqual(report.at - oldest.sentAt + longestGapMs)
  }
}

const APART_MS = 700

describe('the lag of a link between real clusters', () => {
  it('is that of the records that the test has written: exact, and right to one sample interval', async () => {
    const one = await linked('truth', 2)
    await one.measure()
    expect(one.last.lag).toMatchObject({ records: 0, lagMs: 0 })
    const waiting: Waiting[] = []
    const write = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) {
        waiting.push(await produced(one, 'truth', at % 2))
        await eventually('the next record', () => Date.now() - (waiting.at(-1)?.sentAt ?? 0) > APART_MS, {
          withinMs: 20_000,
        })
      }
    }
    await Promise.all([one.measure(5), write(12)])
    compare(one, 1, waiting)
    await one.measure()
    expect(one.last.lag.records).toBe(waiting.length)
    await replicate(one, 'truth')
    await one.measure()
    expect(one.last.lag).toMatchObject({ records: 0, lagMs: 0 })
    const from = one.told.length
    waiting.length = 0
    await Promise.all([one.measure(4), write(8)])
    compare(one, from, waiting)
    expect(one.failures).toEqual([])
  })

  it('is nothing when a transactional topic is replicated, and a record when one is not', async () => {
    const one = await linked('transactional')
    await produceHoles(one.link.source, 'transactional', { partitions: 1, transactions: 9 })
    await replicate(one, 'transactional')
    const [log] = await one.link.source.logs('transactional')
    const partition = { topic: 'transactional', partition: 0 }
    expect(log?.logEnd).toBeGreaterThan((await one.link.head(partition))?.nextSource ?? 0n)
    await one.measure(2)
    expect(one.last.lag).toMatchObject({ records: 0, lagMs: 0, gone: 0 })
    await one.link.source.produce('transactional', 0, variedRecords(1, 'more'))
    await one.measure()
    expect(one.last.lag.records).toBe(1)
  })

  it('tells how long until records are lost, when the log start moves towards them, and what is gone', async () => {
    const one = await linked('shrinking')
    await one.link.source.produce('shrinking', 0, variedRecords(60, 'old'))
    await replicate(one, 'shrinking')
    await one.link.source.produce('shrinking', 0, variedRecords(60, 'new'))
    await one.measure()
    expect(one.last.lag).toMatchObject({ records: 60 })
    expect(one.last.lag.timeToLossMs).toBeUndefined()
    await one.link.source.deleteBelow('shrinking', 0, 40n)
    await one.measure()
    expect(one.last.lag.timeToLossMs).toBeCloseTo(30_000, -3) // 20 more at 40 a minute
    await one.link.source.deleteBelow('shrinking', 0, 70n)
    const status = await one.status()
    expect(status.lag).toMatchObject({ records: 50, gone: 10, timeToLossMs: 0 })
    expect(status.alarms).toEqual(['gone-records']) // what is in danger has not waited for a minute
  })

  it('comes with what a failover would let groups read again', async () => {
    const one = await linked('grouped')
    const replica = one.link.targetTopic('grouped')
    await one.link.source.produce('grouped', 0, variedRecords(10, 'grouped'))
    await replicate(one, 'grouped')
    await one.link.source.produce('grouped', 0, variedRecords(3, 'late'))
    const commit = (cluster: typeof rig.source, topic: string, offset: string) =>
      cluster.administer((admin) =>
        admin.setOffsets({ groupId: 'billing', topic, partitions: [{ partition: 0, offset }] }),
      )
    await commit(one.link.source, 'grouped', '9')
    await commit(one.link.target, replica, '4')
    const { failover } = await one.status()
    expect(failover).toMatchObject({ groups: 1, reread: 5, unplaced: 0 })
    expect(failover?.worst).toEqual([{ group: 'billing', lost: 3, reread: 5, unplaced: 0 }])
  })

  it('is what was known last when the source is gone, and it says since when', async () => {
    const one = await linked('silent')
    await one.measure()
    await one.link.source.produce('silent', 0, variedRecords(7, 'silent'))
    await one.measure()
    const before = one.last
    const { brokers } = one.link.source.cluster
    await Promise.all(brokers.map((broker) => broker.kill()))
    await one.measure(2)
    const { lag, sourceUnreachableSince, unseen, unseenSince } = one.last
    expect(lag.records).toBe(7)
    expect(lag.lagMs).toBeGreaterThan(before.lag.lagMs + EVERY_MS)
    expect(sourceUnreachableSince).toBeGreaterThan(before.at)
    expect({ unseen, unseenSince }).toEqual({ unseen: 1, unseenSince: before.at })
    const status = await new MeasuredLink(one.link, EVERY_MS).status() // a process that never met the source
    expect(status).toMatchObject({ sourceUnreachableSince, lag: { records: 7 } })
    await Promise.all(brokers.map((broker) => broker.start()))
    await eventually(
      'the source to be seen again',
      async () => {
        await one.measure().catch(() => undefined)
        return one.last.sourceUnreachableSince === undefined
      },
      { withinMs: 40_000 },
    )
    expect(one.last).toMatchObject({ unseen: 0, lag: { records: 7 } })
  })
})
