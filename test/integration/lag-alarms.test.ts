import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { AlarmedLink } from '../support/alarmed-link.ts'
import { MeasuredLink } from '../support/measured-link.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'
import { RIG_CREDENTIALS, RIG_REGION } from '../support/rig-topology.ts'
import { variedRecords } from '../support/varied-records.ts'

const EVERY_MS = 4_000
/** After a minute without any broker it is an alarm. */
const UNREACHABLE_MS = 60_000

let rig: Rig
const measured: MeasuredLink[] = []
beforeAll(async () => {
  rig = await startRig('lag-alarms')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  for (const one of measured) one.close()
  await rig?.stop()
})

/** Ten records of the topic are on both sides, and nobody polls it. */
const replicated = async (topic: string, watched: readonly string[]) => {
  const link = await rig.link({ topics: [topic] })
  await link.source.createTopic(topic)
  await link.target.createTopic(link.targetTopic(topic))
  await link.source.produce(topic, 0, variedRecords(10, 'before'))
  link.poll(topic)
  await link.caughtUp(topic)
  await link.stopPolling()
  const alarms = new AlarmedLink(link.link, watched)
  const one = new MeasuredLink(link, EVERY_MS, alarms.tell)
  measured.push(one)
  return { link, alarms, one }
}

const commit = (cluster: RigCluster, topic: string, offset: string): Promise<unknown> =>
  cluster.administer((admin) => admin.setOffsets({ groupId: 'billing', topic, partitions: [{ partition: 0, offset }] }))

describe('the alarms of a link, over what its functions really emit', () => {
  it('tell of records that the source deleted before they were replicated, and the ledger tells which', async () => {
    const { link, alarms, one } = await replicated('deleted', ['lost-records', 'gone-records', 'not-measured'])
    const partition = { topic: 'deleted', partition: 0 }
    await one.measure()
    expect(alarms.minute(link.fn.metricLines)).toEqual([])
    const told = link.fn.metricLines.length
    await link.source.produce('deleted', 0, variedRecords(90, 'while it is off'))
    await link.source.deleteBelow('deleted', 0, 63n)
    await one.measure()
    expect(one.last.lag).toMatchObject({ records: 37, gone: 53 })
    expect(alarms.minute()).toEqual(['gone-records']) // nobody has found out yet what it was
    link.poll('deleted')
    await link.caughtUp('deleted')
    await link.stopPolling()
    const gaps = await link.gaps(partition)
    expect(gaps.map(({ kind, from, to }) => ({ kind, from, to }))).toEqual([{ kind: 'lost', from: 10n, to: 63n }])
    const lines = () => link.fn.metricLines.slice(told)
    await eventually('the line of the loss', () => lines().some((line) => line.includes('LostRecords')), {
      withinMs: 20_000,
    })
    await one.measure()
    expect(alarms.minute(lines())).toContain('lost-records')
    expect(one.last.lag).toMatchObject({ records: 0, gone: 0 })
    expect(one.last.accounts?.link).toMatchObject({ lost: 53, quarantined: 0, uncovered: 0 })
    expect(await one.status()).toMatchObject({ alarms: ['lost-records'] })
    const after: (readonly string[])[] = []
    for (const _minute of ['first', 'second', 'third']) {
      await one.measure()
      after.push(alarms.minute())
    }
    expect(after).toEqual([['lost-records'], ['lost-records'], []]) // CloudWatch looks two periods further back
  })

  it('tell of a loss that is complete on a quiet partition for as long as nobody has recorded it', async () => {
    const watched = ['gone-records', 'lag-seconds', 'time-to-loss', 'unmeasured-partitions', 'not-measured']
    const { link, alarms, one } = await replicated('complete', watched)
    await link.source.produce('complete', 0, variedRecords(20, 'while it is off'))
    await one.measure()
    expect(alarms.minute()).toEqual([])
    await link.source.deleteBelow('complete', 0, 30n)
    for (const _minute of ['first', 'second', 'third', 'fourth', 'fifth']) {
      await one.measure()
      expect(one.last.lag).toMatchObject({ records: 0, lagMs: 0, gone: 20 })
      expect(alarms.minute()).toEqual(['gone-records'])
    }
    expect(await one.status()).toMatchObject({ alarms: ['gone-records'] })
    await link.source.produce('complete', 0, variedRecords(1, 'the next one'))
    link.poll('complete')
    await link.caughtUp('complete')
    await link.stopPolling()
    const gaps = await link.gaps({ topic: 'complete', partition: 0 })
    expect(gaps.map(({ kind, from, to }) => ({ kind, from, to }))).toEqual([{ kind: 'lost', from: 10n, to: 30n }])
    const after: (readonly string[])[] = []
    for (const _minute of ['first', 'second', 'third', 'fourth']) {
      await one.measure()
      expect(one.last.lag).toMatchObject({ records: 0, gone: 0 })
      after.push(alarms.minute())
    }
    expect(after.at(-1)).toEqual([])
  })

  it('tell of a partition that nobody can measure, until somebody can', async () => {
    const { link, alarms, one } = await replicated('unreadable', [
      'unmeasured-partitions',
      'lag-seconds',
      'not-measured',
    ])
    const client = createDynamoDbClient({
      ...{ endpoint: rig.dynamoDb.endpoint, region: RIG_REGION, credentials: RIG_CREDENTIALS },
    })
    const setIncarnation = (value: { S: string } | { N: string }) =>
      client.send(
        new UpdateItemCommand({
          TableName: link.config.table.name,
          Key: { pk: { S: 'PARTITION#unreadable#0' }, sk: { S: 'head' } },
          UpdateExpression: 'SET incarnation = :incarnation',
          ExpressionAttributeValues: { ':incarnation': value },
        }),
      )
    const life = (await link.head({ topic: 'unreadable', partition: 0 }))?.incarnation ?? ''
    const minutes: (readonly string[])[] = []
    const measure = async (): Promise<void> => {
      await one.measure()
      minutes.push(alarms.minute())
    }
    await measure()
    await setIncarnation({ N: '7' })
    for (const _minute of ['first', 'second', 'third', 'fourth']) await measure()
    expect(one.last).toMatchObject({ unmeasured: 1, unseen: 0 })
    expect(one.last.troubles.join()).toContain('STATE_MALFORMED')
    expect(minutes).toEqual([[], [], [], ['unmeasured-partitions'], ['unmeasured-partitions']])
    expect(await one.status()).toMatchObject({ alarms: ['unmeasured-partitions'] })
    await setIncarnation({ S: life })
    for (const _minute of ['first', 'second', 'third']) await measure()
    expect(minutes.at(-1)).toEqual([])
    client.destroy()
  })

  it('tell of a source that is gone, and the last figures of a failover stay', async () => {
    const { link, alarms, one } = await replicated('gone', ['source-unreachable', 'not-measured', 'lag-seconds'])
    await commit(link.source, 'gone', '9')
    await commit(link.target, link.targetTopic('gone'), '4')
    await link.source.produce('gone', 0, variedRecords(7, 'waiting'))
    await one.measure()
    expect(alarms.minute()).toEqual([])
    const before = one.last
    expect(before).toMatchObject({ lag: { records: 7 }, failover: { groups: 1, reread: 5 } })
    const { brokers } = link.source.cluster
    const killedAt = Date.now()
    await Promise.all(brokers.map((broker) => broker.kill()))
    await one.measure()
    expect(alarms.minute()).toEqual([])
    const since = one.last.sourceUnreachableSince ?? 0
    expect(since).toBeGreaterThan(killedAt)
    await eventually('a minute without the source', () => Date.now() - since >= UNREACHABLE_MS, { withinMs: 90_000 })
    await one.measure()
    expect(alarms.minute()).toEqual(['source-unreachable'])
    const status = await one.status()
    expect(status).toMatchObject({ sourceUnreachableSince: since, alarms: ['source-unreachable'], lag: { records: 7 } })
    expect(status.failover).toEqual(before.failover)
    await Promise.all(brokers.map((broker) => broker.start()))
    const seen = async (): Promise<boolean> => {
      await one.measure().catch(() => undefined)
      return one.last.sourceUnreachableSince === undefined
    }
    await eventually('the source to be seen again', seen, { withinMs: 40_000 })
    alarms.minute() // of the samples until then
    await one.measure()
    expect(alarms.minute()).toEqual([])
  }, 240_000)
})
