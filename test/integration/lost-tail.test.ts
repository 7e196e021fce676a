import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { deleteTopic, topicNames } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { lagLedger } from '../../shared/adapters/dynamodb/lag-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import type { GapAlarm } from '../../shared/usecases/ports.ts'
import { AlarmedLink } from '../support/alarmed-link.ts'
import { inTime } from '../support/in-time.ts'
import { MeasuredLink } from '../support/measured-link.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import { RIG_CREDENTIALS, RIG_REGION } from '../support/rig-topology.ts'
import { SyncedLink } from '../support/synced-link.ts'
import { variedRecords } from '../support/varied-records.ts'

const EVERY_MS = 4_000
const HOUR_MS = 3_600_000

let rig: Rig
let synced: SyncedLink
let alarms: AlarmedLink
let measured: MeasuredLink
beforeAll(async () => {
  rig = await startRig('lost-tail')
  synced = await SyncedLink.start(rig, { name: 'tails', topics: [/deleted|reborn|other/] })
  alarms = new AlarmedLink(synced.link.link, ['gone-records', 'lost-records'])
  await rig.source.createTopic('other')
})
/** Another process, which asks for the topics at once. */
const anotherCanary = (): void => {
  measured?.close()
  measured = new MeasuredLink(synced.link, EVERY_MS, alarms.tell)
}

beforeEach(() => {
  told = []
  anotherCanary()
})
afterEach(() => measured.close())
afterAll(async () => {
  vi.unstubAllEnvs()
  await synced?.stop()
  await rig?.stop()
})

/** So many records of the topic are replicated, and then so many come that are not, which the canary has seen. */
const withTail = async (topic: string, replicated: number, waiting: number): Promise<string> => {
  await rig.source.createTopic(topic)
  await rig.source.produce(topic, 0, variedRecords(replicated, 'replicated'))
  await synced.inStep()
  await synced.link.caughtUp(topic)
  await synced.link.stopPolling()
  await rig.source.produce(topic, 0, variedRecords(waiting, 'waiting'))
  await measured.measure()
  return (await synced.deps.source.describe(inTime())).topics.get(topic)?.incarnation ?? ''
}

const remove = async (topic: string): Promise<void> => {
  await deleteTopic(rig.source.cluster, topic)
  const isGone = async () => !(await topicNames(rig.source.cluster)).includes(topic)
  await eventually(`${topic} to be gone`, isGone, { withinMs: 20_000 })
  await rig.source.forget()
}

/** As if the canary had not seen the lives that are over for an hour. */
const anHourLater = async (): Promise<void> => {
  const client = createDynamoDbClient({
    endpoint: rig.dynamoDb.endpoint,
    region: RIG_REGION,
    credentials: RIG_CREDENTIALS,
  })
  const ledger = lagLedger(new LinkTable({ client, name: synced.link.config.table.name }))
  const memory = await ledger.read(inTime())
  if (memory === undefined) throw new Error('the canary has remembered nothing')
  const lives = [...(memory.ended ?? [])].map(([name, life]) => [name, { ...life, at: life.at - HOUR_MS }] as const)
  await ledger.remember({ ...memory, ended: new Map(lives) }, inTime())
  client.destroy()
}

let told: bigint[] = []
const alarm: GapAlarm = (partition, gap) => {
  told.push(gap.to - gap.from)
  alarms.tellGap(partition, gap)
}
const pass = () => synced.pass({ ...synced.deps, alarm })

const gapsOf = async (topic: string) =>
  (await synced.link.gaps({ topic, partition: 0 })).map(({ kind, incarnation, from, to }) => ({
    kind,
    incarnation,
    from,
    to,
  }))

describe('records that were not replicated when their topic went', () => {
  it('are gone for the canary, then lost by the ledger, by the status and by alarms, when it was deleted', async () => {
    const incarnation = await withTail('deleted', 20, 30)
    expect(measured.last.lag).toMatchObject({ records: 30, gone: 0 })
    await remove('deleted')
    await measured.measure()
    await pass()
    expect([measured.last.lag.gone, await gapsOf('deleted')]).toEqual([0, []]) // no single look is proof
    await anHourLater()
    await measured.measure()
    expect(measured.last.lag).toMatchObject({ records: 0, gone: 30 })
    expect(alarms.minute()).toEqual(['gone-records'])
    expect((await pass()).steps).toContainEqual(expect.objectContaining({ kind: 'record-lost', outcome: 'done' }))
    const tail = { kind: 'lost', incarnation, from: 20n, to: 50n }
    expect(await gapsOf('deleted')).toEqual([tail])
    expect((await pass()).steps).toContainEqual(expect.objectContaining({ kind: 'record-lost', outcome: 'done' }))
    expect(told).toEqual([30n]) // once, although the canary has not read yet that it is written
    await measured.measure()
    expect(alarms.minute()).toContain('lost-records')
    const { lag, accounts, alarms: judged } = await measured.status()
    expect(lag.gone).toBe(0)
    expect(accounts?.topics).toMatchObject([{ topic: 'deleted', lost: 30 }])
    expect(judged).toContain('lost-records')
    expect((await pass()).steps.map(({ kind }) => kind)).not.toContain('record-lost')
    expect(await gapsOf('deleted')).toEqual([tail])
  })

  it('are lost likewise when it was made anew, and the new life is replicated whole', async () => {
    const incarnation = await withTail('reborn', 20, 5)
    await remove('reborn')
    await rig.source.createTopic('reborn')
    await rig.source.produce('reborn', 0, variedRecords(40, 'second life'))
    await measured.measure() // not yet a minute after it has asked which lives there are
    await synced.inStep()
    await synced.link.caughtUp('reborn')
    anotherCanary()
    await measured.measure()
    await anHourLater()
    await measured.measure()
    expect(measured.last.topics.find(({ topic }) => topic === 'reborn')).toMatchObject({ records: 0, gone: 5 })
    await pass()
    expect(await gapsOf('reborn')).toEqual([{ kind: 'lost', incarnation, from: 20n, to: 25n }])
    await measured.measure()
    expect(measured.last.lag.gone).toBe(0)
    expect(await synced.link.head({ topic: 'reborn', partition: 0 })).toMatchObject({ nextSource: 40n })
  })
})
