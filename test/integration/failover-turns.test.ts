import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { connectFailover, type FailoverConnections } from '../../shared/adapters/failover-connections.ts'
import { rest } from '../../shared/adapters/running-deadline.ts'
import { FAILOVER_STEPS } from '../../shared/domain/failover/failover-step.ts'
import { INITIAL_STATUS } from '../../shared/domain/head.ts'
import { boundary } from '../../shared/usecases/failover/boundary.ts'
import type { CoreDeps } from '../../shared/usecases/failover/failover-deps.ts'
import type { PerformStep } from '../../shared/usecases/failover/failover-ports.ts'
import { lock } from '../../shared/usecases/failover/lock.ts'
import { promote } from '../../shared/usecases/failover/promote.ts'
import { release } from '../../shared/usecases/failover/release.ts'
import { reverse } from '../../shared/usecases/failover/reverse.ts'
import { rollback } from '../../shared/usecases/failover/rollback.ts'
import { runStep, type Steps } from '../../shared/usecases/failover/run-step.ts'
import { stop } from '../../shared/usecases/failover/stop.ts'
import { validate } from '../../shared/usecases/failover/validate.ts'
import { FakeMappingControl } from '../fakes/mapping-control.ts'
import { orderOf } from '../support/failover-order.ts'
import { inputOf } from '../support/failover-world.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { inTime } from '../support/in-time.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'
import type { RigLink } from '../support/rig-link.ts'
import { RIG_ACCOUNT, RIG_REGION } from '../support/rig-topology.ts'

const TOPIC = 'orders'
const BOTH_WAYS = { naming: 'identity', provenance: true, topics: [TOPIC] } as const
const PLACE = { region: RIG_REGION, account: RIG_ACCOUNT, partition: 'aws' }
/** Instead of the minute of a deployed function. */
const TIMEOUT_MS = 1_000

let rig: Rig
let there: RigLink
let back: RigLink
const open: FailoverConnections[] = []
const mappings = new Map<string, FakeMappingControl>()

beforeAll(async () => {
  rig = await startRig('failover-turns')
  ;[there, back] = [await rig.link(BOTH_WAYS), await rig.link({ ...BOTH_WAYS, reverse: true })]
  Object.assign(process.env, there.environment)
  await back.state.setStatus(INITIAL_STATUS, { mode: 'stopped', role: 'active', epoch: 0 }, inTime())
  for (const cluster of [rig.source, rig.target]) await cluster.createTopic(TOPIC)
  for (const { link } of [there, back]) mappings.set(link.name, new FakeMappingControl())
  await rig.target.produce(TOPIC, 0, records('before replication began', 3)) // so that offsets differ
  await produceHoles(rig.source, TOPIC, { partitions: 1, transactions: 25 })
})
afterAll(async () => {
  for (const connections of open) connections.close()
  await rig?.stop()
})

const records = (word: string, count: number): CorpusRecord[] =>
  Array.from({ length: count }, (_, at) => ({
    timestamp: 1_700_000_000_000 + at,
    key: Buffer.from(`${word} ${at}`),
    value: Buffer.from(`${word} ${at}`),
    headers: [],
  }))

/** What is there, in order, of transactions that were aborted too. */
const valuesOn = async ({ cluster }: RigCluster): Promise<string[]> => {
  const brokers = new BrokerConnections(cluster)
  try {
    const values: string[] = []
    for await (const { batch } of readLog(brokers, { topic: TOPIC, partition: 0 }))
      for (const { value } of batch.records) values.push(`${value}`)
    return values
  } finally {
    await brokers.close()
  }
}

const depsOf = (link: RigLink, reverseLink: RigLink): FailoverConnections & { readonly core: CoreDeps } => {
  const quick = (one: RigLink) => ({ ...one.link, functionTimeoutMs: TIMEOUT_MS })
  const connections = connectFailover(orderOf(quick(link), quick(reverseLink)), PLACE)
  open.push(connections)
  const { deps } = connections
  const pollersOf = ({ link: { name } }: RigLink) => mappings.get(name) ?? new FakeMappingControl()
  const core: CoreDeps = {
    ...deps,
    forward: { ...deps.forward, mappings: pollersOf(link) },
    ...(deps.reverse && { reverse: { ...deps.reverse, mappings: pollersOf(reverseLink) } }),
    executions: { isRunning: async () => false },
    gate: { open: async () => ({ outcome: 'done', message: 'the test opens nothing' }) },
    rest,
  }
  return { ...connections, core }
}

const nothing: PerformStep<CoreDeps> = async () => ({ outcome: 'done', message: 'played by the test' })

/** What nobody has to approve. */
const preflight: PerformStep<CoreDeps> = async () => ({
  outcome: 'done',
  message: 'played by the test',
  data: { hash: 'hash', passed: true, needsApproval: false },
})

const OTHERS = ['approve', 'fence', 'prove', 'drain', 'groups', 'switch', 'verify', 'report', 'hold'] as const
const STEPS = {
  ...Object.fromEntries(OTHERS.map((step) => [step, nothing])),
  ...{ validate, lock, preflight, stop, boundary, promote, reverse, rollback, release },
} as Steps<CoreDeps>

const failOver = async (name: string, link: RigLink, reverseLink: RigLink): Promise<void> => {
  const { ledger, core } = depsOf(link, reverseLink)
  const execution = { name, arn: `arn:aws:states:eu-west-1:1:execution:it:${name}`, startedAt: 0, input: inputOf() }
  for (const step of [...FAILOVER_STEPS, 'release' as const]) {
    if (step === 'gate') continue
    const answer = await runStep({ step, attempt: 1 }, execution, inTime(60_000), {
      ledger,
      clock: Date,
      steps: STEPS,
      deps: core,
    })
    expect(answer, `${step}: ${answer.message}`).toMatchObject({ outcome: 'done' })
    if (step === 'drain') await link.caughtUp(TOPIC)
    if (step === 'stop') await link.stopPolling()
  }
}

describe('a pair of real clusters', () => {
  it('fails over and back, twice, and no link brings what the other side has', { timeout: 180_000 }, async () => {
    there.poll(TOPIC)
    await there.caughtUp(TOPIC)
    const turns = [
      [there, back, rig.target],
      [back, there, rig.source],
      [there, back, rig.target],
      [back, there, rig.source],
    ] as const
    for (const [turn, [link, reverseLink, active]] of turns.entries()) {
      await failOver(`turn-${turn}`, link, reverseLink)
      const before = reverseLink.fn.outcomes.length
      await active.produce(TOPIC, 0, records(`turn ${turn}`, 20))
      reverseLink.poll(TOPIC)
      await reverseLink.caughtUp(TOPIC)
      const outcomes = reverseLink.fn.outcomes.slice(before)
      const sum = (count: 'replicated' | 'looped' | 'redelivered'): number =>
        outcomes.reduce((total, outcome) => total + Number(outcome[count]), 0)
      expect([sum('replicated'), sum('looped'), sum('redelivered')]).toEqual([20, 0, 0])
      expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([])
    }
    const onSource = (await valuesOn(rig.source)).filter((value) => value.startsWith('turn'))
    const onTarget = (await valuesOn(rig.target)).filter((value) => value.startsWith('turn'))
    expect(onTarget).toEqual(onSource)
    expect(onSource).toHaveLength(80)
    for (const link of [there, back]) expect(await link.gaps({ topic: TOPIC, partition: 0 })).toEqual([])
  })
})
