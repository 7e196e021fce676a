import { afterAll, beforeAll, expect, it } from 'vitest'
import { runVerify } from '../../cli/verify.ts'
import { createHandler } from '../../functions/verify/handler.ts'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import type { LogRecord } from '../../local/check/record-batch-reader.ts'
import { connectGroupSync } from '../../shared/adapters/group-sync-connections.ts'
import { KafkaLogReader } from '../../shared/adapters/kafka/kafka-log-reader.ts'
import { KafkaRecordDeletion } from '../../shared/adapters/kafka/kafka-record-deletion.ts'
import { KafkaSourceLog } from '../../shared/adapters/kafka/kafka-source-log.ts'
import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import { connectVerifier } from '../../shared/adapters/verify-connections.ts'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { kafkaAccess } from '../../shared/domain/kafka-access.ts'
import { PROVENANCE_HEADER } from '../../shared/domain/provenance.ts'
import type { CoreDeps } from '../../shared/usecases/failover/failover-deps.ts'
import type { PerformStep } from '../../shared/usecases/failover/failover-ports.ts'
import { fromPartitions } from '../../shared/usecases/failover/from-partitions.ts'
import { lateWithProvenance, withoutLooped } from '../../shared/usecases/failover/own-records.ts'
import { returningTopics } from '../../shared/usecases/failover/returning-topics.ts'
import { settleReverse } from '../../shared/usecases/failover/settle-reverse.ts'
import { settleTail, type TailDeps } from '../../shared/usecases/failover/settle-tail.ts'
import { syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import type { SampleReport } from '../../shared/usecases/verify/verify-sample.ts'
import { FakeTailLedger } from '../fakes/tail-ledger.ts'
import { FakeTailStore } from '../fakes/tail-store.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { inTime } from '../support/in-time.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'
import { RIG_PLACE, RigFailover } from '../support/rig-failover.ts'
import type { RigLink } from '../support/rig-link.ts'
import { NO_SECRETS } from '../support/target-cluster.ts'
import { variedRecords } from '../support/varied-records.ts'

const TOPIC = 'orders'
const PARTITIONS = [0, 1]
const TAIL = 7
const GROUP = 'billing'
const CONTEXT = {
  awsRequestId: 'request',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:twinshore-verify',
  getRemainingTimeInMillis: () => 55_000,
}

let rig: Rig
let there: RigLink
let back: RigLink
const open: { close(): void }[] = []
let failover: RigFailover

const opened = <Connection extends { close(): void }>(connection: Connection): Connection => {
  open.push(connection)
  return connection
}

beforeAll(async () => {
  rig = await startRig('scraped-cluster')
  failover = await RigFailover.prepare(rig, TOPIC)
  ;({ forth: there, back } = failover)
  for (const cluster of [rig.source, rig.target]) await cluster.createTopic(TOPIC, { partitions: PARTITIONS.length })
})
afterAll(async () => {
  failover?.close()
  for (const connection of open) connection.close()
  await rig?.stop()
})

const recordsOf = async ({ cluster }: RigCluster, partition: number): Promise<LogRecord[]> => {
  const brokers = new BrokerConnections(cluster)
  const records: LogRecord[] = []
  try {
    for await (const { batch, visibility } of readLog(brokers, { topic: TOPIC, partition }))
      if (visibility === 'committed') records.push(...batch.records)
    return records
  } finally {
    await brokers.close()
  }
}

/** All of a record that applications know of, as text. */
const applicationsView = ({ timestamp, key, value, headers }: LogRecord): string =>
  JSON.stringify([
    timestamp,
    key?.toString('hex') ?? null,
    value?.toString('hex') ?? null,
    headers
      .filter(({ name }) => `${name}` !== PROVENANCE_HEADER)
      .map((header) => [`${header.name}`, header.value?.toString('hex') ?? null]),
  ])

const viewOf = async (cluster: RigCluster, partition: number): Promise<string[]> =>
  (await recordsOf(cluster, partition)).map(applicationsView)

/** As the real one owes it. */
const owing: PerformStep<CoreDeps> = async ({ execution: { name, arn, input } }, deadline, { forward }) => {
  const { epoch } = (await forward.pair.read(deadline)).status
  const debts = { execution: name, epoch, tail: input.tail, since: Date.now(), owed: ['tail'] as const }
  await forward.pending.owe(arn, debts, deadline)
  return { outcome: 'done', message: 'played by the test' }
}

/** What settles the tail of the source of a link; what is exported stays in memory. */
const tailOf = (link: RigLink, reverseLink: RigLink, core: CoreDeps): TailDeps => {
  const [from, to] = [kafkaAccess(link.link.source), kafkaAccess(link.link.target)]
  const options = { secrets: NO_SECRETS }
  const target = opened(new KafkaTargetLog(to, { ...options, compression: 'none' }))
  const ends = { source: opened(new KafkaSourceLog(from, options)), target, targetTopic: (topic: string) => topic }
  const named = { named: [TOPIC], ledger: core.forward.topics, sourceTopics: core.from.topics }
  const { boundary: ledger } = core.forward
  return {
    pair: 'it',
    cluster: link.link.source.name,
    partitions: (deadline) => fromPartitions(deadline, named),
    reader: opened(new KafkaLogReader(from, { ...options, side: 'source' })),
    targetReader: opened(new KafkaLogReader(to, { ...options, side: 'target' })),
    own: withoutLooped(ends),
    late: lateWithProvenance(ends),
    state: core.forward.state,
    boundary: ledger,
    ledger: new FakeTailLedger(),
    store: new FakeTailStore(),
    target,
    targetTopic: ends.targetTopic,
    gaps: link.state,
    deletion: opened(new KafkaRecordDeletion(from, options)),
    returning: (execution, deadline) =>
      returningTopics(execution, reverseLink.link, deadline, { boundary: ledger, topics: core.to.topics }),
    clock: Date,
    counted: () => undefined,
  }
}

const groupsAlong = (link: RigLink) =>
  opened(connectGroupSync(groupOrder(link.link, { links: [there.link, back.link] }), RIG_PLACE))

/** Two passes, as a failover makes them. */
const passGroups = async (link: RigLink): Promise<void> => {
  const deps = groupsAlong(link)
  for (const _ of [1, 2]) await syncGroups(inTime(30_000), deps)
}

const commit = async (link: RigLink, offsetIn: (partition: number) => bigint): Promise<void> => {
  const offsets = new Map(PARTITIONS.map((partition) => [partition, { offset: offsetIn(partition), metadata: '' }]))
  await groupsAlong(link).source.commit(new Map([[GROUP, new Map([[TOPIC, offsets]])]]), inTime())
}

const verified = async (link: RigLink) => {
  const connection = opened(connectVerifier({ link: link.link }, RIG_PLACE))
  const handler = createHandler({ connect: () => connection, tell: () => undefined })
  const results: string[] = []
  const terminal = { result: (text: string) => void results.push(text), note: () => undefined }
  const quiet = { write: () => undefined }
  const exit = await runVerify(['west-east', '--json'], terminal, (_to, event) => handler(event, CONTEXT), quiet)
  const { counts, findings, troubles } = JSON.parse(results.join('')) as SampleReport
  return { exit, findings, troubles, compared: counts.verified }
}

it('fills an old active cluster again, and groups go home to the record that they have not read', {
  timeout: 300_000,
}, async () => {
  await produceHoles(rig.source, TOPIC, { partitions: PARTITIONS.length, transactions: 10 })
  for (const partition of PARTITIONS) await rig.source.produce(TOPIC, partition, variedRecords(60, `west ${partition}`))
  there.poll(TOPIC)
  await there.caughtUp(TOPIC)
  await commit(there, () => 30n)
  await passGroups(there)
  await there.stopPolling()
  for (const partition of PARTITIONS) await rig.source.produce(TOPIC, partition, variedRecords(TAIL, 'stranded'))

  const core = await failover.along([there, back], 'lost', {
    input: { mode: 'unplanned', tail: 'scrape' },
    switched: owing,
  })
  for (const partition of PARTITIONS) await rig.target.produce(TOPIC, partition, variedRecords(25, `east ${partition}`))
  const before = await Promise.all(PARTITIONS.map((partition) => viewOf(rig.target, partition)))

  const debts = await core.forward.pending.pending(inTime())
  expect(debts).toMatchObject({ tail: 'scrape', owed: ['tail', 'reverse'] })
  if (debts === undefined) throw new Error('nothing is owed')
  const tail = tailOf(there, back, core)
  for (const _ of ['once', 'again'])
    expect(await settleTail(debts, inTime(60_000), tail)).toMatchObject({
      outcome: 'done',
      message: expect.stringContaining(`${TAIL * PARTITIONS.length} stranded records`),
    })
  for (const partition of PARTITIONS) expect(await recordsOf(rig.source, partition)).toEqual([])
  expect(await settleReverse(debts, inTime(60_000), core)).toMatchObject({ outcome: 'done' })
  for (const debt of debts.owed) await core.forward.pending.settle('lost', debt, inTime())

  back.poll(TOPIC)
  await back.caughtUp(TOPIC)
  for (const partition of PARTITIONS) {
    expect(await viewOf(rig.target, partition)).toEqual(before[partition])
    expect(await viewOf(rig.source, partition)).toEqual(before[partition])
  }
  expect(back.fn.outcomes.reduce((sum, { looped }) => sum + Number(looped), 0)).toBe(0)
  const compared = before.flat().length
  expect(await verified(back)).toEqual({ exit: 0, findings: [], troubles: [], compared })

  const read = 40
  const onEast = await Promise.all(PARTITIONS.map((partition) => recordsOf(rig.target, partition)))
  await commit(back, (partition) => BigInt(onEast[partition]?.[read]?.offset ?? 0))
  await failover.along([back, there], 'home', { input: { mode: 'failback' }, drained: () => passGroups(back) })
  const positions = (await groupsAlong(there).source.committed([GROUP], inTime())).get(GROUP)
  if (positions === undefined || positions instanceof Error) throw new Error('the group is not on the old cluster')
  for (const partition of PARTITIONS) {
    const standing = positions.get(TOPIC)?.get(partition)
    if (standing?.kind !== 'committed') throw new Error(`${partition} has no position`)
    const unread = (await recordsOf(rig.source, partition)).filter(({ offset }) => BigInt(offset) >= standing.offset)
    expect(unread.map(applicationsView)).toEqual(before[partition]?.slice(read))
  }
  for (const partition of PARTITIONS) await rig.source.produce(TOPIC, partition, variedRecords(9, 'home again'))
  there.poll(TOPIC)
  await there.caughtUp(TOPIC)
  for (const partition of PARTITIONS)
    expect(await viewOf(rig.target, partition)).toEqual(await viewOf(rig.source, partition))
  const written = 9 * PARTITIONS.length
  expect(await verified(there)).toEqual({ exit: 0, findings: [], troubles: [], compared: written })
})
