import { afterAll, beforeAll, expect, it } from 'vitest'
import { runVerify } from '../../cli/verify.ts'
import { createHandler } from '../../functions/verify/handler.ts'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import type { LogRecord } from '../../local/check/record-batch-reader.ts'
import { connectFailover } from '../../shared/adapters/failover-connections.ts'
import { connectGroupSync } from '../../shared/adapters/group-sync-connections.ts'
import { KafkaLogReader } from '../../shared/adapters/kafka/kafka-log-reader.ts'
import { KafkaRecordDeletion } from '../../shared/adapters/kafka/kafka-record-deletion.ts'
import { KafkaSourceLog } from '../../shared/adapters/kafka/kafka-source-log.ts'
import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import { rest } from '../../shared/adapters/running-deadline.ts'
import { connectVerifier } from '../../shared/adapters/verify-connections.ts'
import type { FailoverInput } from '../../shared/domain/failover/failover-input.ts'
import { FAILOVER_STEPS } from '../../shared/domain/failover/failover-step.ts'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { INITIAL_STATUS } from '../../shared/domain/head.ts'
import { kafkaAccess } from '../../shared/domain/kafka-access.ts'
import { PROVENANCE_HEADER } from '../../shared/domain/provenance.ts'
import { boundary } from '../../shared/usecases/failover/boundary.ts'
import type { CoreDeps } from '../../shared/usecases/failover/failover-deps.ts'
import type { PerformStep } from '../../shared/usecases/failover/failover-ports.ts'
import { fromPartitions } from '../../shared/usecases/failover/from-partitions.ts'
import { lock } from '../../shared/usecases/failover/lock.ts'
import { lateWithProvenance, withoutLooped } from '../../shared/usecases/failover/own-records.ts'
import { promote } from '../../shared/usecases/failover/promote.ts'
import { release } from '../../shared/usecases/failover/release.ts'
import { returningTopics } from '../../shared/usecases/failover/returning-topics.ts'
import { reverse } from '../../shared/usecases/failover/reverse.ts'
import { rollback } from '../../shared/usecases/failover/rollback.ts'
import { runStep, type Steps } from '../../shared/usecases/failover/run-step.ts'
import { settleReverse } from '../../shared/usecases/failover/settle-reverse.ts'
import { settleTail, type TailDeps } from '../../shared/usecases/failover/settle-tail.ts'
import { stop } from '../../shared/usecases/failover/stop.ts'
import { validate } from '../../shared/usecases/failover/validate.ts'
import { syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import type { SampleReport } from '../../shared/usecases/verify/verify-sample.ts'
import { FakeMappingControl } from '../fakes/mapping-control.ts'
import { FakeTailLedger } from '../fakes/tail-ledger.ts'
import { FakeTailStore } from '../fakes/tail-store.ts'
import { orderOf } from '../support/failover-order.ts'
import { inputOf } from '../support/failover-world.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { inTime } from '../support/in-time.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'
import type { RigLink } from '../support/rig-link.ts'
import { RIG_ACCOUNT, RIG_REGION } from '../support/rig-topology.ts'
import { NO_SECRETS } from '../support/target-cluster.ts'
import { variedRecords } from '../support/varied-records.ts'

const TOPIC = 'orders'
const PARTITIONS = [0, 1]
const BOTH_WAYS = { naming: 'identity', provenance: true, topics: [TOPIC] } as const
const PLACE = { region: RIG_REGION, account: RIG_ACCOUNT, partition: 'aws' }
/** Instead of the minute of a deployed function. */
const TIMEOUT_MS = 1_000
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
const mappings = new Map<string, FakeMappingControl>()

const opened = <Connection extends { close(): void }>(connection: Connection): Connection => {
  open.push(connection)
  return connection
}

beforeAll(async () => {
  rig = await startRig('scraped-cluster')
  ;[there, back] = [await rig.link(BOTH_WAYS), await rig.link({ ...BOTH_WAYS, reverse: true })]
  Object.assign(process.env, there.environment)
  await back.state.setStatus(INITIAL_STATUS, { mode: 'stopped', role: 'active', epoch: 0 }, inTime())
  for (const cluster of [rig.source, rig.target]) await cluster.createTopic(TOPIC, { partitions: PARTITIONS.length })
  for (const { link } of [there, back]) mappings.set(link.name, new FakeMappingControl())
})
afterAll(async () => {
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

const connected = (link: RigLink, reverseLink: RigLink) => {
  const quick = (one: RigLink) => ({ ...one.link, functionTimeoutMs: TIMEOUT_MS })
  const order = orderOf(quick(link), quick(reverseLink))
  const { deps, ledger } = opened(connectFailover(order, PLACE))
  const pollersOf = ({ link: { name } }: RigLink) => mappings.get(name) ?? new FakeMappingControl()
  const core: CoreDeps = {
    ...deps,
    forward: { ...deps.forward, mappings: pollersOf(link) },
    ...(deps.reverse && { reverse: { ...deps.reverse, mappings: pollersOf(reverseLink) } }),
    executions: { isRunning: async () => false },
    gate: { open: async () => ({ outcome: 'done', message: 'the test opens nothing' }) },
    rest,
  }
  return { ledger, core }
}

const nothing: PerformStep<CoreDeps> = async () => ({ outcome: 'done', message: 'played by the test' })

const preflight: PerformStep<CoreDeps> = async () => ({
  outcome: 'done',
  message: 'played by the test',
  data: { hash: 'hash', passed: true, needsApproval: false },
})

/** As the real one owes it. */
const switching: PerformStep<CoreDeps> = async ({ execution: { name, arn, input } }, deadline, { forward }) => {
  const { epoch } = (await forward.pair.read(deadline)).status
  const debts = { execution: name, epoch, tail: input.tail, since: Date.now(), owed: ['tail'] as const }
  if (input.mode === 'unplanned') await forward.pending.owe(arn, debts, deadline)
  return { outcome: 'done', message: 'played by the test' }
}

const OTHERS = ['approve', 'fence', 'prove', 'drain', 'groups', 'verify', 'report', 'hold'] as const
const STEPS = {
  ...Object.fromEntries(OTHERS.map((step) => [step, nothing])),
  ...{ validate, lock, preflight, stop, boundary, promote, reverse, rollback, release, switch: switching },
} as Steps<CoreDeps>

const failOver = async (
  name: string,
  [link, reverseLink]: readonly [RigLink, RigLink],
  changes: Partial<FailoverInput>,
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<CoreDeps> => {
  const { ledger, core } = connected(link, reverseLink)
  const arn = `arn:aws:states:eu-west-1:1:execution:it:${name}`
  const execution = { name, arn, startedAt: 0, input: inputOf(changes) }
  for (const step of [...FAILOVER_STEPS, 'release' as const]) {
    if (step === 'gate') continue
    const run = { ledger, clock: Date, steps: STEPS, deps: core }
    const answer = await runStep({ step, attempt: 1 }, execution, inTime(60_000), run)
    expect(answer, `${step}: ${answer.message}`).toMatchObject({ outcome: 'done' })
    if (step === 'drain') await meanwhile()
    if (step === 'stop') await link.stopPolling()
  }
  return core
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
    deletion: opened(new KafkaRecordDeletion(from, options)),
    returning: (execution, deadline) =>
      returningTopics(execution, reverseLink.link, deadline, { boundary: ledger, topics: core.to.topics }),
    clock: Date,
    counted: () => undefined,
  }
}

const groupsAlong = (link: RigLink) =>
  opened(connectGroupSync(groupOrder(link.link, { links: [there.link, back.link] }), PLACE))

/** Two passes, as a failover makes them. */
const passGroups = async (link: RigLink): Promise<void> => {
  const deps = groupsAlong(link)
  for (const _ of [1, 2]) await syncGroups(inTime(30_000), deps)
}

const commit = async (link: RigLink, offset: bigint): Promise<void> => {
  const offsets = new Map(PARTITIONS.map((partition) => [partition, { offset, metadata: '' }]))
  await groupsAlong(link).source.commit(new Map([[GROUP, new Map([[TOPIC, offsets]])]]), inTime())
}

const verified = async (link: RigLink) => {
  const connection = opened(connectVerifier({ link: link.link }, PLACE))
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
  await commit(there, 30n)
  await passGroups(there)
  await there.stopPolling()
  for (const partition of PARTITIONS) await rig.source.produce(TOPIC, partition, variedRecords(TAIL, 'stranded'))

  const core = await failOver('lost', [there, back], { mode: 'unplanned', tail: 'scrape' })
  for (const partition of PARTITIONS) await rig.target.produce(TOPIC, partition, variedRecords(25, `east ${partition}`))
  const before = await Promise.all(PARTITIONS.map((partition) => viewOf(rig.target, partition)))

  const debts = await core.forward.pending.pending(inTime())
  expect(debts).toMatchObject({ tail: 'scrape', owed: ['tail', 'reverse'] })
  if (debts === undefined) return
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
  await groupsAlong(back).source.commit(
    new Map([
      [
        GROUP,
        new Map([
          [
            TOPIC,
            new Map(
              PARTITIONS.map((partition) => [
                partition,
                { offset: BigInt(onEast[partition]?.[read]?.offset ?? 0), metadata: '' },
              ]),
            ),
          ],
        ]),
      ],
    ]),
    inTime(),
  )
  await failOver('home', [back, there], { mode: 'failback' }, async () => await passGroups(back))
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
