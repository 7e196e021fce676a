import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { failoverPairState } from '../../shared/adapters/dynamodb/failover-pair-state.ts'
import { failoverStepLedger } from '../../shared/adapters/dynamodb/failover-step-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { connectFailoverData } from '../../shared/adapters/failover-data-connections.ts'
import { KafkaClusterDisks } from '../../shared/adapters/kafka/kafka-cluster-disks.ts'
import { AnswerReading } from '../../shared/adapters/lambda/answer-reading.ts'
import { groupPassIn } from '../../shared/adapters/lambda/pass-answers.ts'
import type { FailoverInput } from '../../shared/domain/failover/failover-input.ts'
import type { AnyStep, StepRecord } from '../../shared/domain/failover/failover-step.ts'
import type { PreflightReport } from '../../shared/domain/failover/preflight-report.ts'
import type { LinkStatus } from '../../shared/domain/head.ts'
import type { DataDeps } from '../../shared/usecases/failover/data-deps.ts'
import { drain } from '../../shared/usecases/failover/drain.ts'
import type { PerformStep, StepResult } from '../../shared/usecases/failover/failover-ports.ts'
import { groups } from '../../shared/usecases/failover/groups.ts'
import { type PlacingDeps, placingGroups } from '../../shared/usecases/failover/place-at-promotion.ts'
import { preflight } from '../../shared/usecases/failover/preflight.ts'
import { verify } from '../../shared/usecases/failover/verify.ts'
import { groupPassReport, groupPlanReport } from '../../shared/usecases/groups/group-report.ts'
import { planGroupMoves, syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import { FakeLinkFunctions } from '../fakes/link-functions.ts'
import { orderOf } from '../support/failover-order.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { inTime } from '../support/in-time.ts'
import { commitOn, MovingGroups, standsAt } from '../support/moving-groups.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'
import type { RigLink } from '../support/rig-link.ts'
import { RIG_ACCOUNT, RIG_REGION } from '../support/rig-topology.ts'
import { NO_SECRETS, openAccess, openCluster } from '../support/target-cluster.ts'

const START = 1_700_000_000_000
const RECORDS = 100
const FOREIGN = 5

let rig: Rig
let link: RigLink
let moving: MovingGroups
let functions: FakeLinkFunctions
let deps: ReturnType<typeof connectFailoverData> & PlacingDeps
beforeAll(async () => {
  rig = await startRig('failover-data', { brokers: 3, mortal: true })
  link = await rig.link({ name: 'onward', naming: 'identity', topics: ['plain', 'holes'] })
  moving = new MovingGroups(rig, link)
  functions = new FakeLinkFunctions(
    { at: Date.now(), records: 0, lagMs: 0, gone: 0, topics: [], unseen: 0, unmeasured: 0, rememberedAt: Date.now() },
    async (mode) => groupPassIn(new AnswerReading(await passGroups(mode), refuse)),
  )
  Object.assign(process.env, link.environment)
  const place = { region: RIG_REGION, account: RIG_ACCOUNT, partition: 'aws' }
  const ledger = failoverStepLedger(tableOfLink())
  deps = { ...connectFailoverData(orderOf(link.link), place, { functions }), ledger }
  await fill()
})
afterAll(async () => {
  deps?.close()
  moving?.close()
  await rig?.stop()
})

const tableOfLink = (): LinkTable =>
  new LinkTable({ client: createDynamoDbClient({ region: RIG_REGION }), name: link.config.table.name })

const refuse = (because: string): never => {
  throw new Error(because)
}

/** As the deployed function answers, in JSON. */
const passGroups = async (mode: 'plan' | 'apply'): Promise<unknown> => {
  const report =
    mode === 'plan'
      ? groupPlanReport(await planGroupMoves(inTime(), moving.deps))
      : groupPassReport(await syncGroups(inTime(), moving.deps))
  return JSON.parse(JSON.stringify(report))
}

const record = (word: string, at: number): CorpusRecord => ({
  timestamp: START + at * 1_000,
  key: Buffer.from(`${word} ${at}`),
  value: Buffer.from(`${word} ${at}`),
  headers: [],
})
const records = (word: string, count: number) => Array.from({ length: count }, (_, at) => record(word, at))

const PLAIN = { topic: 'plain', partition: 0 }
const HOLES = { topic: 'holes', partition: 0 }

/** Nothing on the target is at the offset that it has on the source. */
const fill = async (): Promise<void> => {
  for (const topic of ['plain', 'holes']) {
    await rig.source.createTopic(topic)
    await rig.target.createTopic(topic)
    await rig.target.produce(
      topic,
      0,
      records('of nobody', FOREIGN).map((one) => ({ ...one, timestamp: START - 1 })),
    )
  }
  await rig.source.produce('plain', 0, records('plain', RECORDS))
  await produceHoles(rig.source, 'holes', { partitions: 1, transactions: 25 })
  for (const topic of ['plain', 'holes']) {
    link.poll(topic)
    await link.caughtUp(topic)
  }
}

const before = new Map<AnyStep, StepRecord>()
const remember = (step: AnyStep, data: StepRecord['data']): void => {
  const at = Date.now()
  const rest = { attempt: 1, outcome: 'done', message: '', startedAt: at, endedAt: at, calls: 1 } as const
  before.set(step, { step, data, ...rest })
}
remember('lock', { epoch: 1, mode: 'forwarding' })

const run = async (
  step: PerformStep<DataDeps & PlacingDeps>,
  input: Partial<FailoverInput> = {},
): Promise<StepResult> => {
  const whole: FailoverInput = {
    ...{ mode: 'planned', reason: 'a test', who: 'it', limits: {}, tail: 'export', force: false },
    positions: { kind: 'mapped' },
    ...input,
  }
  const execution = { name: 'one', arn: 'arn:one', startedAt: Date.now(), input: whole }
  const effects = whole.mode !== 'drill'
  return await step({ execution, effects, before, call: { step: 'preflight', attempt: 1 } }, inTime(60_000), deps)
}

const look = async (input: Partial<FailoverInput> = {}): Promise<PreflightReport> => {
  functions.lag = { ...functions.lag, at: Date.now(), rememberedAt: Date.now() }
  return (await run(preflight, input)).facts?.['report'] as PreflightReport
}
const verdict = ({ checks }: PreflightReport, name: string) => checks.find((check) => check.name === name)
const stopping = ({ checks }: PreflightReport) =>
  checks.filter(({ verdict: said }) => said === 'fail' || said === 'unknown').map(({ name }) => name)

/** A transaction on the source that nobody has ended yet. */
const openTransaction = async ({ cluster }: RigCluster, topic: string) => {
  const producer = kafkaClient(cluster.bootstrapServers, cluster.login).producer({
    transactionalId: `open ${topic}`,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic, messages: [{ value: 'maybe', partition: 0 }] })
  return async (how: 'commit' | 'abort') => {
    await transaction[how]()
    await producer.disconnect()
  }
}

describe('the preflight of two real clusters', () => {
  it('passes, and knows disks and replicas', async () => {
    const report = await look()
    expect(stopping(report)).toEqual([])
    expect(report.passed).toBe(true)
    expect(verdict(report, 'target-disk')?.measured).toMatch(/^\d+ % free on broker \d$/)
    expect(verdict(report, 'target-in-sync')).toMatchObject({ measured: expect.stringContaining('of 2 not writable') })
    expect(verdict(report, 'gaps-explained')?.verdict).toBe('warn') // nobody has read the holes yet
    expect(verdict(report, 'target-reachable')?.measured).toBe('2 partitions, 0 without an answer')
  })

  it('is the same to who approves it while nothing but figures changes', async () => {
    const [one, other] = [await run(preflight), await run(preflight)]
    expect(one.data).toEqual(other.data)
  })

  it('refuses to leave a source that is well', async () => {
    expect(stopping(await look({ mode: 'unplanned' }))).toEqual(['source-unhealthy'])
  })
})

describe('a drain between two real clusters', () => {
  it('is done although markers lie between checkpoint and end', async () => {
    const [log] = await rig.source.logs('holes')
    const head = await link.head(HOLES)
    expect(head?.nextSource).toBeLessThan(log?.logEnd ?? 0n)
    expect(await run(drain)).toMatchObject({ outcome: 'done', facts: { partitions: 2 } })
  })

  it('waits for a transaction that is open, then for its records, then for nothing', async () => {
    const end = await openTransaction(rig.source, 'holes')
    const { outcome, message } = await run(drain)
    expect([outcome, message]).toEqual(['again', expect.stringContaining('transactions are open')])
    await end('commit')
    const isDone = async () => (await run(drain)).outcome === 'done'
    await eventually('the drain', isDone, { withinMs: 30_000 })
    expect(await link.judge('holes')).toMatchObject({ lost: 0, reordered: 0 })
  })

  it('takes what was aborted for nothing', async () => {
    const end = await openTransaction(rig.source, 'holes')
    await end('abort')
    await eventually('the drain', async () => (await run(drain)).outcome === 'done', { withinMs: 30_000 })
  })
})

const FORWARDING: LinkStatus = { mode: 'forwarding', role: 'standby', epoch: 0 }
const placing = placingGroups<DataDeps>(async () => ({ outcome: 'done', message: 'promoted' }))

describe('groups between two real clusters', () => {
  it('are read on both by a drill, which finds nothing read again and nothing skipped', async () => {
    for (const [at, offset] of [0n, 1n, 17n, 99n, 100n].entries())
      await commitOn(moving.source, `plain-${at}`, PLAIN, offset)
    for (const [at, offset] of [0n, 1n, 2n, 21n, 40n].entries())
      await commitOn(moving.source, `holes-${at}`, HOLES, offset)
    const { outcome, facts } = await run(groups, { mode: 'drill' })
    expect(facts).toMatchObject({
      positions: 10,
      checked: 10,
      readAgain: 0,
      skipped: 0,
      untold: 0,
      ahead: 0,
      exact: 10,
    })
    expect([outcome, await standsAt(moving.target, 'plain-2', PLAIN)]).toEqual(['done', undefined])
  })

  it('are where they were after two passes, and further or there when it is verified', async () => {
    const { outcome, facts } = await run(groups)
    expect(outcome).toBe('done')
    expect(facts).toMatchObject({ passes: 2, moved: 10, positions: 10, behind: [] })
    expect(await standsAt(moving.target, 'plain-2', PLAIN)).toBe(17n + BigInt(FOREIGN))
    remember('groups', facts ?? {})
    const status = { mode: 'forwarding', role: 'standby', epoch: 0 } as const
    const promoted = { mode: 'stopped', role: 'active', epoch: 1 } as const
    expect((await run(verify)).outcome).toBe('refused') // not promoted
    await link.state.setStatus(status, promoted, inTime())
    expect(await run(verify)).toMatchObject({ outcome: 'done', facts: { positions: 10 } })
    await commitOn(moving.target, 'plain-2', PLAIN, 3n)
    expect(await run(verify)).toMatchObject({ outcome: 'refused', message: expect.stringContaining('plain-2 plain-0') })
    await link.state.setStatus(promoted, status, inTime())
  })

  it.each([
    ['earliest', { kind: 'earliest' }, 0n],
    ['latest', { kind: 'latest' }, BigInt(FOREIGN + RECORDS)],
    ['a time', { kind: 'timestamp', at: START + 40_001 }, BigInt(FOREIGN + 41)],
    ['a time that nothing is as late as', { kind: 'timestamp', at: START + 9e9 }, BigInt(FOREIGN + RECORDS)],
  ] as const)('are placed at %s of the target, after a pass that moved them on', async (_what, positions, offset) => {
    expect((await run(groups, { positions })).outcome).toBe('done')
    await passGroups('apply')
    const pair = failoverPairState(tableOfLink(), FORWARDING)
    const holder = { by: 'arn:one', purpose: 'failover', phase: 'acting', since: 0 } as const
    const { lock } = await pair.read(inTime())
    expect(await pair.acquire({ holder, epoch: 1, from: lock }, inTime())).toBe('acquired')
    await link.state.setStatus(FORWARDING, { ...FORWARDING, mode: 'stopped' }, inTime())
    expect(await run(placing, { positions })).toMatchObject({ outcome: 'done', facts: { live: [] } })
    for (const group of ['plain-0', 'plain-4']) expect(await standsAt(moving.target, group, PLAIN)).toBe(offset)
    await link.state.setStatus({ ...FORWARDING, mode: 'stopped' }, FORWARDING, inTime())
    await pair.release('arn:one', inTime())
  })
})

describe('what goes wrong on two real clusters', () => {
  it('is told: records that somebody else wrote to a replica', async () => {
    await rig.target.produce('plain', 0, records('foreign', 2))
    const report = await look()
    expect(verdict(report, 'no-foreign-writes')).toMatchObject({ verdict: 'fail', measured: '2 records' })
    expect(stopping(report)).toEqual(['no-foreign-writes'])
  })

  it('is told: replicas that are not in sync', async () => {
    await rig.target.createTopic('held', { settings: { 'min.insync.replicas': '3' } })
    const [broker] = rig.target.cluster.brokers.filter(({ id }) => id !== undefined)
    await broker?.kill()
    const isThin = async () => {
      const found = verdict(await look(), 'target-in-sync')
      return found?.verdict !== 'pass' && found?.verdict !== 'unknown'
    }
    await eventually('a replica to be missed', isThin, { withinMs: 60_000, everyMs: 1_000 })
    await broker?.start()
  })

  it('is told: a source that is gone', async () => {
    await link.stopPolling() // pollers hold on to what they were told last
    await rig.source.cluster.stop()
    const report = await look()
    expect(verdict(report, 'source-reachable')?.verdict).toBe('fail')
    functions.lag = { ...functions.lag, records: 4, sourceUnreachableSince: Date.now() - 31_000 }
    const unplanned = await look({ mode: 'unplanned', force: true })
    expect(verdict(unplanned, 'source-unhealthy')?.verdict).toBe('pass')
    expect(unplanned.loss?.records).toBe(4)
    functions.lag = { ...functions.lag, topics: [{ topic: 'plain', records: 4 }] }
    expect(await run(drain, { mode: 'unplanned' })).toMatchObject({ outcome: 'done', facts: { loss: { records: 4 } } })
  })
})

describe('the disks of a real cluster', () => {
  it('are told by every broker', async () => {
    const { cluster, close } = await openCluster({ brokers: 3 })
    const disks = new KafkaClusterDisks(openAccess(cluster.bootstrapServers), { secrets: NO_SECRETS, side: 'target' })
    try {
      const nodes = async () => new Set((await disks.describe(inTime())).disks.map(({ node }) => node)).size
      await eventually('three brokers', async () => (await nodes()) === 3, { withinMs: 30_000 })
      const { disks: told, offline, unmeasured } = await disks.describe(inTime())
      for (const { totalBytes, usableBytes } of told)
        expect([totalBytes > 0, usableBytes > 0, usableBytes <= totalBytes]).toEqual([true, true, true])
      expect([offline, unmeasured]).toEqual([[], []])
    } finally {
      disks.close()
      await close()
    }
  })
})
