import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AwsRequest } from '../../local/aws/gateway/exchange.ts'
import type { FunctionProcess } from '../../local/function/function-process.ts'
import { eventually } from '../../local/machine/eventually.ts'
import type { Invoke } from '../../local/poller/invocations.ts'
import { FLAWLESS, flawlessButForCopies } from '../support/flawless.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import type { LinkOptions } from '../support/rig-topology.ts'
import { variedRecords } from '../support/varied-records.ts'

/** Of which the append has all but the four that are kept for the state. */
const QUICK_TIMEOUT_MS = 6_000
const SEED = 11
/** From the answer of the state to the first request to the target it takes less. */
const ON_ITS_WAY_MS = 500

let rig: Rig
let link: RigLink
const successors: FunctionProcess[] = []
beforeAll(async () => {
  rig = await startRig('deliveries', { mortal: true })
  link = await rig.link()
})
afterAll(async () => {
  await Promise.all(successors.map((fn) => fn.stop()))
  await rig?.stop()
})

const start = async (of: RigLink, topic: string, { partitions = 2, count = 200 } = {}): Promise<number> => {
  await of.source.createTopic(topic, { partitions })
  await of.target.createTopic(of.targetTopic(topic), { partitions })
  for (let partition = 0; partition < partitions; partition++)
    await of.source.produce(topic, partition, variedRecords(count, `${topic} ${partition}`))
  return partitions * count
}

const linkFor = (options: LinkOptions = {}): Promise<RigLink> =>
  rig.link({ ...options, quickTimeoutMs: QUICK_TIMEOUT_MS })

/** Another process of the link's function, as Lambda has one for each invocation that runs at once. */
const successorOf = (of: RigLink): FunctionProcess => {
  const fn = of.startFunction()
  successors.push(fn)
  return fn
}

/** The first attempt at a batch goes to one process, every other to the other. */
const firstHereThenThere = (of: RigLink, other: FunctionProcess): Invoke =>
  of.history.watch((payload, options) => (options.why === 'first' ? of.fn : other).invoke(payload, options))

/** The requests of one link, by what they do to its table. */
const requestsOf =
  (of: RigLink, operation: string) =>
  (request: AwsRequest): boolean =>
    request.operation === operation && request.body.includes(`"${of.config.table.name}"`)

/** And does not begin it, as the write does that comes before a partition's first append. */
const movesCheckpoint = ({ body }: AwsRequest): boolean => body.includes('#nextSource = :expected')

/** Every batch fails once although it was replicated, since its answer was lost. */
const losingFirstAnswers = (of: RigLink): Invoke => {
  const lost = new Set<number>()
  return of.history.watch(async (payload, options) => {
    const result = await of.fn.invoke(payload, options)
    if (lost.has(options.event)) return result
    lost.add(options.event)
    return { kind: 'failed', reason: 'the answer was lost' }
  })
}

describe('a batch that is delivered twice', () => {
  it('is on the target once when the second delivery follows the first', async () => {
    const records = await start(link, 'in-turn')
    link.poll('in-turn', { batchSize: 30, faults: { seed: SEED, deliverTwice: { chance: 1, how: 'in-turn' } } })
    await link.caughtUp('in-turn')
    expect(await link.judge('in-turn')).toEqual({ ...FLAWLESS, records })
    expect(link.fn.outcomes.filter(({ topic, redelivered }) => topic === 'in-turn' && redelivered > 0)).not.toEqual([])
  })

  it('is there twice at most when two processes get it at once, and the map is exact', async () => {
    const concurrent = await linkFor()
    const records = await start(concurrent, 'side-by-side')
    const faults = { seed: SEED, deliverTwice: { chance: 1, how: 'side-by-side' } } as const
    const invoke = firstHereThenThere(concurrent, successorOf(concurrent))
    concurrent.poll('side-by-side', { batchSize: 30, faults }, invoke)
    await concurrent.caughtUp('side-by-side')
    const verdict = await concurrent.judge('side-by-side')
    expect(verdict).toEqual({ ...flawlessButForCopies(verdict), records })
  })

  it('is there once when it is cut differently the second time', async () => {
    const flaky = await linkFor()
    const records = await start(flaky, 'recut')
    const faults = { seed: SEED, recutOnRetry: { chance: 1 } }
    flaky.poll('recut', { batchSize: 30, faults }, losingFirstAnswers(flaky))
    await flaky.caughtUp('recut')
    expect(await flaky.judge('recut')).toEqual({ ...FLAWLESS, records })
  })

  it('is left out when it comes back after newer ones', async () => {
    const records = await start(link, 'old-again')
    link.poll('old-again', { batchSize: 20, faults: { seed: SEED, replayOld: { chance: 0.7, remember: 3 } } })
    await link.caughtUp('old-again')
    expect(link.history.redelivered({ topic: 'old-again', partition: 0 }).length).toBeGreaterThan(1)
    expect(await link.judge('old-again')).toEqual({ ...FLAWLESS, records })
  })

  it('is left out when another poller begins from the start', async () => {
    const records = await start(link, 'from-the-start')
    link.poll('from-the-start')
    await link.caughtUp('from-the-start')
    await link.stopPolling()
    await rig.source.administer((admin) => admin.deleteGroups([link.groupOf('from-the-start')]))
    const poller = link.poll('from-the-start')
    await eventually('all to be delivered again', () => poller.stats().records === records, { withinMs: 20_000 })
    expect(await link.judge('from-the-start')).toEqual({ ...FLAWLESS, records })
  })
})

describe('an invocation that the poller gave up on, and that goes on', () => {
  it('appends its batch twice at most, and its late checkpoint does not harm the map', async () => {
    const abandoning = await rig.link()
    const records = await start(abandoning, 'abandoned', { partitions: 1, count: 20 })
    const faults = { seed: SEED, timeout: { chance: 1, afterMs: 300, how: 'abandon' } } as const
    const options = { batchSize: 50, faults }
    abandoning.poll('abandoned', options, firstHereThenThere(abandoning, successorOf(abandoning)))
    await abandoning.caughtUp('abandoned')
    const [late, isOvertaken] = [new Set<string>(), Promise.withResolvers<void>()]
    const injection = rig.stateFaults.inject({
      match: requestsOf(abandoning, 'PutItem'),
      fault: async ({ body }, forward) => {
        if (late.size === 0) late.add(body.toString())
        if (late.has(body.toString())) await isOvertaken.promise
        return forward()
      },
    })
    await rig.source.produce('abandoned', 0, variedRecords(200, 'more'))
    await eventually(
      'others to overtake it',
      async () => ((await abandoning.head({ topic: 'abandoned', partition: 0 }))?.nextSource ?? 0n) >= 170n,
      { withinMs: 30_000 },
    )
    isOvertaken.resolve()
    await abandoning.caughtUp('abandoned')
    injection.remove()
    const verdict = await abandoning.judge('abandoned')
    expect(verdict).toEqual({ ...flawlessButForCopies(verdict), records: records + 200 })
    expect(verdict.duplicates.explained).toBeGreaterThanOrEqual(50)
  })

  it('appends nothing when it is frozen on its way to the target, and wakes past its deadline', async () => {
    const frozen = await linkFor()
    const records = await start(frozen, 'frozen-before')
    const reads = requestsOf(frozen, 'BatchGetItem')
    const [broker] = rig.target.cluster.brokers
    const asleep = Promise.withResolvers<void>()
    const freeze = (): void => {
      frozen.fn.signal('SIGSTOP')
      broker?.resume()
      asleep.resolve()
    }
    const injection = rig.stateFaults.inject({
      match: (request) => reads(request) && injection.matched === 0,
      fault: async (_request, forward) => {
        const answer = await forward()
        setTimeout(freeze, ON_ITS_WAY_MS)
        return answer
      },
    })
    broker?.pause() // whoever has read the state waits for the target
    const successor = successorOf(frozen)
    frozen.poll('frozen-before', {}, firstHereThenThere(frozen, successor))
    await asleep.promise
    injection.remove()
    await eventually('the successor to finish', () => successor.outcomes.length > 0, { withinMs: 30_000 })
    frozen.fn.signal('SIGCONT')
    await frozen.caughtUp('frozen-before')
    expect(await frozen.judge('frozen-before')).toEqual({ ...FLAWLESS, records })
  })

  it('leaves its batch there twice at most when it is frozen between append and checkpoint', async () => {
    const frozen = await linkFor()
    const records = await start(frozen, 'frozen-between', { count: 150 })
    const writes = requestsOf(frozen, 'PutItem')
    const freeze = rig.stateFaults.inject({
      match: (request) => writes(request) && movesCheckpoint(request) && freeze.matched === 0,
      fault: async () => {
        frozen.fn.signal('SIGSTOP')
        return { status: 500, headers: {}, body: Buffer.alloc(0) }
      },
    })
    const successor = successorOf(frozen)
    frozen.poll('frozen-between', { batchSize: 100 }, firstHereThenThere(frozen, successor))
    await freeze.firstMatch
    freeze.remove()
    await eventually('the successor to finish', () => successor.outcomes.length > 0, { withinMs: 30_000 })
    frozen.fn.signal('SIGCONT')
    await frozen.caughtUp('frozen-between')
    const verdict = await frozen.judge('frozen-between')
    expect(verdict).toEqual({ ...flawlessButForCopies(verdict), records })
    expect(verdict.duplicates.explained).toBeLessThanOrEqual(100)
    expect(verdict.duplicates.explained).toBeGreaterThan(0)
  })
})

describe('a target that is down for longer than the function may run', () => {
  it('loses nothing and keeps the order when it comes back', async () => {
    const patient = await linkFor()
    const records = await start(patient, 'long-down')
    const [broker] = rig.target.cluster.brokers
    patient.poll('long-down', { batchSize: 40 })
    await eventually('replication to begin', () => patient.fn.outcomes.length > 0, { withinMs: 20_000 })
    await broker?.kill()
    for (const partition of [0, 1]) await rig.source.produce('long-down', partition, variedRecords(50, 'meanwhile'))
    const told = patient.fn.outcomes.length
    expect(await patient.error('TARGET_UNREACHABLE', { after: told })).toContain('target')
    const downSince = Date.now()
    await eventually('longer than the timeout', () => Date.now() - downSince > QUICK_TIMEOUT_MS, { withinMs: 20_000 })
    await broker?.start()
    await rig.target.forget()
    await patient.caughtUp('long-down')
    const verdict = await patient.judge('long-down')
    expect(verdict).toEqual({ ...flawlessButForCopies(verdict), records: records + 100 })
    expect(verdict.duplicates.explained).toBeLessThanOrEqual(80)
  })

  it('is waited for in silence when it hangs, and the batch is there twice at most', async () => {
    const patient = await linkFor()
    const records = await start(patient, 'hanging')
    const [broker] = rig.target.cluster.brokers
    broker?.pause()
    patient.poll('hanging')
    const code = await eventually('a failure', () => patient.fn.outcomes.find(({ error }) => error)?.error?.code, {
      withinMs: 30_000,
    })
    broker?.resume()
    expect(['TARGET_UNREACHABLE', 'APPEND_OUTCOME_UNKNOWN', 'DEADLINE_PASSED']).toContain(code)
    await patient.caughtUp('hanging')
    const verdict = await patient.judge('hanging')
    expect(verdict).toEqual({ ...flawlessButForCopies(verdict), records })
  })
})
