import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { sift } from '../../../../../shared/domain/provenance.ts'
import type { PartitionBatch } from '../../../../../shared/domain/record.ts'
import { isReplicated } from '../../../../../shared/domain/run.ts'
import { replicateBatches } from '../../../../../shared/usecases/replication/replicate-batches.ts'
import type { ReplicateDeps } from '../../../../../shared/usecases/replication/replicate-partition.ts'
import { FakeLinkState } from '../../../../fakes/link-state.ts'
import { FakeQuarantine } from '../../../../fakes/quarantine.ts'
import { FakeSourceLog } from '../../../../fakes/source-log.ts'
import { FakeTargetLog } from '../../../../fakes/target-log.ts'
import { FakeTransactions } from '../../../../fakes/target-transactions.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'
import { batchOf, deadlinesInTime, offsets } from '../../../../support/polled.ts'

const TOPIC = 'orders'
const orders = { topic: TOPIC, partition: 0 }
const INCARNATION = 'incarnation-1'

const startWorld = () => {
  const source = new FakeSourceLog()
  const state = new FakeLinkState()
  const transactions = new FakeTransactions()
  source.createTopic(TOPIC, 1, INCARNATION)
  transactions.createTopic(TOPIC)
  const deps: ReplicateDeps = {
    source,
    state,
    transactions,
    target: new FakeTargetLog(),
    quarantine: new FakeQuarantine(),
    clock: { now: () => 5 },
    alarm: () => undefined,
    targetTopic: (topic) => topic,
    provenance: false,
  }
  return { source, state, transactions, deps }
}
type World = ReturnType<typeof startWorld>

const deliver = async (batch: PartitionBatch, deps: ReplicateDeps) =>
  (await replicateBatches([batch], deadlinesInTime(), deps))[0]

/** As Lambda invokes another process. */
const deliverElsewhere = (batch: PartitionBatch, { deps, transactions }: World) =>
  deliver(batch, { ...deps, transactions: transactions.another() })

/** Every run of the map, with the source offsets that really are where it points to. */
const mapped = ({ state, transactions }: World): number[] => {
  const pages = state.pages(orders, INCARNATION).flatMap(({ runs }) => runs)
  const runs = [...pages, ...(state.head(orders)?.openRuns ?? [])].filter(isReplicated)
  const { entries } = transactions.replica(TOPIC)
  return runs.flatMap(({ source, target, length }) =>
    Array.from({ length: Number(length) }, (_, at) => {
      const entry = entries[Number(target) + at]
      const record = entry === undefined || entry === 'marker' || entry.state !== 'committed' ? undefined : entry.record
      expect(record === 'foreign' ? record : record?.offset).toBe(Number(source) + at)
      return Number(source) + at
    }),
  )
}

const remembered = ({ state }: World) => {
  const { openRuns, nextTarget: _, ...head } = state.head(orders) ?? expect.unreachable()
  return { ...head, runs: openRuns.map(({ source, length, looped }) => ({ source, length, looped })) }
}

describe('killed at any request or call of a port, then delivered again elsewhere,', async () => {
  /** Runs to seal, a loss, a hole, and a record to quarantine in the midst of others. */
  const start = async () => {
    const world = startWorld()
    world.transactions.refuses = ({ offset }) => offset === 2_005
    for (const from of [0, 200])
      await deliver(batchOf(Array.from({ length: 100 }, (_, at) => from + at * 2)), world.deps)
    world.source.deleteRecordsBefore(orders, 2_000n)
    return world
  }
  const batch = batchOf([...offsets(2_001, 2_003), ...offsets(2_005, 2_009)])
  const killed = async (killer: Killer) => {
    const world = await start()
    const { state, source, deps } = world
    const transactions = world.transactions.another()
    transactions.requests = killer.wrap(transactions.requests)
    const quarantine = deps.quarantine && killer.wrap(deps.quarantine)
    const mortal = { ...deps, transactions, state: killer.wrap(state), source: killer.wrap(source), quarantine }
    return { world, outcome: await deliver(batch, mortal) }
  }
  const counter = new Killer(0, 'before')
  const { world: undisturbed, outcome } = await killed(counter)

  it('has three transactions: before the refused record, over it, and after it', () => {
    expect(outcome).toMatchObject({ replicated: 7, quarantined: 1, lost: 1_601n })
    expect(outcome?.error).toBeUndefined()
    expect(counter.calls).toBe(21)
  })

  it.each(killPoints(counter))(
    'call %i, %s its effect: each record is there once, and the map says where',
    async (at, when) => {
      const { world, outcome: first } = await killed(new Killer(at, when))
      if (first?.error === undefined) expect([at, when]).toEqual([counter.calls, 'after'])
      expect((await deliverElsewhere(batch, world))?.error).toBeUndefined()
      expect(world.transactions.committed(TOPIC)).toEqual(undisturbed.transactions.committed(TOPIC))
      expect(mapped(world)).toEqual(world.transactions.committed(TOPIC))
      expect(remembered(world)).toEqual(remembered(undisturbed))
      expect(await world.state.gaps(orders)).toEqual(await undisturbed.state.gaps(orders))
    },
  )
})

describe('a link that delivers exactly once', () => {
  it('takes a partition over once, as long as it goes well', async () => {
    const { transactions, deps } = startWorld()
    for (const from of [0, 10, 20]) await deliver(batchOf(offsets(from, from + 9)), deps)
    expect(transactions.committed(TOPIC)).toEqual(offsets(0, 29))
    expect(transactions.takenOver).toBe(1)
  })

  it('gives a batch to two processes at once, and has it once', async () => {
    const world = startWorld()
    await deliver(batchOf(offsets(0, 9)), world.deps)
    const next = batchOf(offsets(10, 19))
    await Promise.all([deliver(next, world.deps), deliverElsewhere(next, world)])
    expect((await deliverElsewhere(next, world))?.error).toBeUndefined()
    expect(world.transactions.committed(TOPIC)).toEqual(offsets(0, 19))
    expect(mapped(world)).toEqual(offsets(0, 19))
  })

  /** Another process that commits the batch, and dies before it can move the checkpoint. */
  const overtake = async (
    batch: PartitionBatch,
    { deps, transactions, state }: World,
    fault: 'advance' | undefined,
  ) => {
    const other = transactions.another()
    other.refuses = () => false
    const error = new ReplicationError('STATE_UNREACHABLE', 'test')
    if (fault !== undefined) state.faults.push({ method: fault, error, applied: false })
    await deliver(batch, { ...deps, transactions: other })
  }

  describe.each([
    ['and dies before its checkpoint', 'advance'],
    ['and remembers it', undefined],
  ] as const)('overtaken by another process that commits the batch %s', (_when, fault) => {
    it('does not append it again in smaller transactions', async () => {
      const world = startWorld()
      const batch = batchOf(offsets(0, 2_999))
      await deliver(batchOf([0]), world.deps)
      world.transactions.scatteredBy = 1
      let overtaken = false
      const { requests } = world.transactions
      const end = requests.end.bind(requests)
      requests.end = async (effect) => {
        await end(effect)
        if (overtaken) return
        overtaken = true
        await overtake(batch, world, fault)
      }
      expect((await deliver(batch, world.deps))?.error?.code).toBe('CHECKPOINT_MOVED')
      expect((await deliverElsewhere(batch, world))?.error).toBeUndefined()
      expect(world.transactions.committed(TOPIC)).toEqual(offsets(0, 2_999))
      expect(mapped(world)).toEqual(offsets(0, 2_999))
    })

    it('does not go back behind it to pass over a record that it had refused', async () => {
      const world = startWorld()
      await deliver(batchOf(offsets(0, 4)), world.deps)
      const batch = batchOf(offsets(5, 9))
      const transactions = world.transactions.another()
      transactions.refuses = ({ offset }) => offset === 5
      const quarantine = new FakeQuarantine()
      const keep = quarantine.keep.bind(quarantine)
      quarantine.keep = async (...kept) => {
        await overtake(batch, world, fault)
        return await keep(...kept)
      }
      const late = await deliver(batch, { ...world.deps, transactions, quarantine })
      expect(late?.error?.code).toBe('CHECKPOINT_MOVED')
      expect((await deliverElsewhere(batch, world))?.error).toBeUndefined()
      expect(world.transactions.committed(TOPIC)).toEqual(offsets(0, 9))
      expect(mapped(world)).toEqual(offsets(0, 9))
    })
  })

  it('makes several transactions of records with more holes than a note can tell', async () => {
    const world = startWorld()
    const every = Array.from({ length: 3_000 }, (_, at) => at * 2)
    expect((await deliver(batchOf(every), world.deps))?.error).toBeUndefined()
    expect(world.transactions.committed(TOPIC)).toEqual(every)
    expect(mapped(world)).toEqual(every)
  })

  it('makes them smaller when applications write between its records', async () => {
    const world = startWorld()
    world.transactions.scatteredBy = 1
    const outcome = await deliver(batchOf(offsets(0, 2_999)), world.deps)
    expect(outcome).toMatchObject({ replicated: 3_000 })
    expect(outcome?.error).toBeUndefined()
    expect(world.transactions.committed(TOPIC)).toEqual(offsets(0, 2_999))
    expect(mapped(world)).toEqual(offsets(0, 2_999))
  })

  it('halts before a refused record where nobody keeps it, with what came before it', async () => {
    const world = startWorld()
    world.transactions.refuses = ({ offset }) => offset === 4
    const halting = { ...world.deps, quarantine: undefined }
    expect((await deliver(batchOf(offsets(0, 9)), halting))?.error?.code).toBe('RECORD_REFUSED')
    expect((await deliver(batchOf(offsets(0, 9)), halting))?.error?.code).toBe('RECORD_REFUSED')
    expect(world.transactions.committed(TOPIC)).toEqual(offsets(0, 3))
    expect(world.state.head(orders)?.nextSource).toBe(4n)
  })

  it('commits how far it got also when all records came from the target', async () => {
    const world = startWorld()
    const back = { source: 'target-cluster', target: 'source-cluster', sourceTopic: TOPIC, targetTopic: TOPIC }
    const copies = batchOf(Array.from({ length: 2_000 }, (_, at) => at * 2))
    const [first, ...others] = sift(copies.records, { ...back, partition: 0 }).onward
    if (first === undefined) throw new Error('a batch has records')
    const outcome = await deliver({ ...copies, records: [first, ...others] }, { ...world.deps, provenance: true })
    expect(outcome).toMatchObject({ looped: 2_000, replicated: 0 })
    expect(outcome?.error).toBeUndefined()
    expect(world.transactions.replica(TOPIC).entries).toEqual([])
    expect(world.transactions.replica(TOPIC).committed?.nextSource).toBe(3_999n)
  })

  it('brings what came from the target where that was emptied, also when somebody dies before the checkpoint', async () => {
    const back = { source: 'target-cluster', target: 'source-cluster', sourceTopic: TOPIC, targetTopic: TOPIC }
    const copies = (from: number, to: number): PartitionBatch => {
      const batch = batchOf(offsets(from, to))
      const [first, ...others] = sift(batch.records, { ...back, partition: 0 }).onward
      return first === undefined ? batch : { ...batch, records: [first, ...others] }
    }
    const world = startWorld()
    const begun = { incarnation: INCARNATION, nextSource: 0n, nextTarget: 0n, openRuns: [], last: undefined }
    const head = { ...begun, unverifiedFrom: undefined, refillBelow: 7n, epoch: 0, updatedAt: 1 }
    await world.state.advance(orders, undefined, head)
    const deps = { ...world.deps, provenance: true }
    const lost = new ReplicationError('STATE_UNREACHABLE', 'killed')
    world.state.faults.push({ method: 'advance', error: lost, applied: false })
    expect((await deliver(copies(0, 2), deps))?.error).toBe(lost)
    const elsewhere = { ...deps, transactions: world.transactions.another() }
    expect(await deliver(copies(0, 5), elsewhere)).toMatchObject({ replicated: 3, looped: 0 })
    expect(world.state.head(orders)).toMatchObject({ nextSource: 6n, refillBelow: 7n })
    expect(await deliver(copies(6, 9), elsewhere)).toMatchObject({ replicated: 1, looped: 3 })
    expect(world.state.head(orders)).not.toHaveProperty('refillBelow')
    expect(world.transactions.committed(TOPIC)).toEqual(offsets(0, 6))
  })

  it('stops when the target was rewound, and nothing of the batch is to be seen', async () => {
    const world = startWorld()
    await deliver(batchOf(offsets(0, 9)), world.deps)
    world.transactions.createTopic(TOPIC)
    expect((await deliverElsewhere(batchOf(offsets(10, 19)), world))?.error?.code).toBe('TARGET_REWOUND')
    expect(world.transactions.committed(TOPIC)).toEqual([])
    expect(world.state.head(orders)?.rewoundTo).toBe(0n)
  })

  it('goes on from the checkpoint when the target has forgotten what was committed', async () => {
    const world = startWorld()
    await deliver(batchOf(offsets(0, 9)), world.deps)
    world.transactions.replica(TOPIC).committed = undefined
    expect((await deliverElsewhere(batchOf(offsets(0, 14)), world))?.error).toBeUndefined()
    expect(world.transactions.committed(TOPIC)).toEqual(offsets(0, 14))
  })

  it('refuses a checkpoint that is older than the last transaction', async () => {
    const world = startWorld()
    for (const from of [0, 10]) await deliver(batchOf(offsets(from, from + 9)), world.deps)
    const backup = world.state.head(orders)
    for (const from of [20, 30]) await deliver(batchOf(offsets(from, from + 9)), world.deps)
    const restored = new FakeLinkState()
    if (backup !== undefined) await restored.advance(orders, undefined, backup)
    const deps = { ...world.deps, state: restored, transactions: world.transactions.another() }
    expect((await deliver(batchOf(offsets(20, 29)), deps))?.error?.code).toBe('COMMIT_MALFORMED')
    expect(world.transactions.committed(TOPIC)).toEqual(offsets(0, 39))
  })

  it('begins anew when its state was taken away on purpose', async () => {
    const world = startWorld()
    for (const from of [0, 10]) await deliver(batchOf(offsets(from, from + 9)), world.deps)
    const anew = { ...world.deps, state: new FakeLinkState(), transactions: world.transactions.another() }
    expect((await deliver(batchOf(offsets(0, 9)), anew))?.error).toBeUndefined()
    expect(world.transactions.committed(TOPIC)).toEqual([...offsets(0, 19), ...offsets(0, 9)])
  })
})
