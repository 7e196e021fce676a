import { describe, expect, it } from 'vitest'
import { HEARTBEAT_TOPIC } from '../../../../../shared/domain/heartbeat/beat.ts'
import type { PartitionId } from '../../../../../shared/domain/record.ts'
import type { CoreDeps } from '../../../../../shared/usecases/failover/failover-deps.ts'
import { settleReverse } from '../../../../../shared/usecases/failover/settle-reverse.ts'
import { settleTail, type TailDeps } from '../../../../../shared/usecases/failover/settle-tail.ts'
import { FailoverMachine, wrapped } from '../../../../support/failover-machine.ts'
import { FailoverWorld } from '../../../../support/failover-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'
import { polledRecord } from '../../../../support/polled-records.ts'
import { tailInWorld } from '../../../../support/tail-in-world.ts'

const ORDERS: PartitionId = { topic: 'orders', partition: 0 }
/** Where a group stood on west when that was lost; it has not read since. */
const IDLE_AT = 7

interface Lost {
  readonly world: FailoverWorld
  readonly tail: TailDeps
  readonly stranded: readonly string[]
}

/** West was lost with a tail, and has come back. `prior`: the pair has been there and back before. */
const lost = async ({ prior = false } = {}): Promise<Lost> => {
  const world = new FailoverWorld({ topics: ['orders', HEARTBEAT_TOPIC] })
  for (const side of ['west', 'east'] as const)
    world.clusters[side].log.writeForeign(HEARTBEAT_TOPIC, 0, polledRecord({ value: 'a beat' }))
  world.write('west', 3)
  if (prior) {
    expect(await new FailoverMachine(world, 'east', 'there').run()).toBe('done')
    world.write('east', 4)
    expect(await new FailoverMachine(world, 'west', 'back').run()).toBe('done')
  }
  world.write('west', 7)
  await world.drain('west-east')
  world.commit('west', 'idle', IDLE_AT)
  for (const _ of [1, 2]) await world.passGroups('west-east')
  world.write('west', 5)
  world.setUp('west', false)
  expect(await new FailoverMachine(world, 'east', 'first', { mode: 'unplanned', tail: 'scrape' }).run()).toBe('done')
  const arrived = new Set(world.values('east'))
  world.write('east', 4)
  world.setUp('west', true)
  world.clusters.west.fenced = true
  return { world, tail: tailInWorld(world, 'east'), stranded: world.values('west').filter((one) => !arrived.has(one)) }
}

/** The first contact, as far as it is about the tail; whoever dies begins anew. */
const settle = async ({ world, tail }: Lost, wrap: <Port extends object>(port: Port) => Port = (port) => port) => {
  const { table } = world.links['west-east']
  const debts = table.debts
  if (debts === undefined) throw new Error('nothing is owed')
  const { deletion, ledger, state, partitions, returning } = tail
  const ports = { ledger: wrap(ledger), state: wrap(state), deletion: wrap(deletion) }
  const wrappedTail = { ...tail, ...ports, ...wrap({ partitions, returning }), store: storeOf(tail, wrap) }
  expect(await settleTail({ ...debts, tail: 'scrape' }, inTime(), wrappedTail)).toMatchObject({ outcome: 'done' })
  const deps: CoreDeps = wrapped(world.depsTo('east'), wrap)
  expect(await settleReverse(debts, inTime(), deps)).toMatchObject({ outcome: 'done' })
}

/** Where it is told to be is no call. */
const storeOf = ({ store }: TailDeps, wrap: <Port extends object>(port: Port) => Port): TailDeps['store'] => ({
  place: (execution) => store.place(execution),
  keep: wrap({ keep: store.keep.bind(store) }).keep,
  objects: store.objects.bind(store),
  fetch: store.fetch.bind(store),
})

const paid = async (one: Lost): Promise<FailoverWorld> => {
  await settle(one)
  return await settled(one)
}

const settled = async ({ world }: Lost): Promise<FailoverWorld> => {
  const { table } = world.links['west-east']
  for (const debt of table.debts?.owed ?? []) await table.settle('first', debt)
  return world
}

/** Each record once, in one order, and none of those that were stranded. */
const isTheSameOnBothSides = ({ world, stranded }: Lost, why = ''): void => {
  const [west, east] = [world.values('west'), world.values('east')]
  expect(west, why).toEqual(east)
  expect(new Set(west).size, why).toBe(west.length)
  for (const value of stranded) expect(west, why).not.toContain(value)
}

const exported = async ({ store }: TailDeps): Promise<number> => {
  let records = 0
  for await (const object of store.objects('first', inTime()))
    records += (await store.fetch(object, inTime())).records.length
  return records
}

/** Where a group resumes on west after the failback, by what it reads from there on. */
const readsAfterFailback = async (world: FailoverWorld, group: string): Promise<readonly string[]> =>
  world.read('west', Number(world.position('west', group) ?? 0n), 1_000).values

const failBack = async (world: FailoverWorld): Promise<void> => {
  expect(await new FailoverMachine(world, 'west', 'home', { mode: 'failback' }).run()).toBe('done')
}

describe.each([{ prior: false }, { prior: true }])('an old active cluster that is scraped: %o', (history) => {
  it('is emptied once its tail is kept, and has all that the new one has', async () => {
    const one = await lost(history)
    const end = BigInt(one.world.values('west').length)
    await paid(one)
    expect(await exported(one.tail)).toBe(5)
    expect(one.world.start('west')).toBe(Number(end))
    expect(one.world.values('west')).toEqual([])
    expect(one.world.values('west', 0, HEARTBEAT_TOPIC)).toEqual(['a beat'])
    expect(one.world.links['east-west'].state.head({ ...ORDERS, topic: HEARTBEAT_TOPIC })?.refillBelow).toBeUndefined()
    await one.world.drain('east-west')
    isTheSameOnBothSides(one)
    expect(one.world.values('west').length).toBeGreaterThan(10)
  })

  it('loops nothing while it is filled again, and everything as ever afterwards', async () => {
    const one = await lost(history)
    const world = await paid(one)
    await world.drain('east-west')
    const filled = world.links['east-west'].state.head(ORDERS)
    expect(filled).toMatchObject({ nextSource: BigInt(world.values('east').length) })
    expect(filled?.refillBelow).toBeUndefined()
    expect(filled?.openRuns.some(({ looped }) => looped)).toBe(false)
    await failBack(world)
    world.write('west', 6)
    await world.drain('west-east')
    isTheSameOnBothSides(one)
    expect(await new FailoverMachine(world, 'east', 'again').run()).toBe('done')
    world.write('east', 2)
    await world.drain('east-west')
    isTheSameOnBothSides(one)
  })

  it('lets groups resume at the record that they have not read, wherever that is', async () => {
    const { length } = (await lost(history)).world.values('east')
    for (let read = 0; read <= length; read++) {
      const world = await paid(await lost(history))
      await world.drain('east-west')
      const unread = world.values('east').slice(read)
      world.commit('east', 'billing', read)
      await failBack(world)
      expect(await readsAfterFailback(world, 'billing'), `at ${read}`).toEqual(unread)
    }
  })

  it('lets a group resume that has not read at all meanwhile', async () => {
    const world = await paid(await lost(history))
    await world.drain('east-west')
    const unread = world.values('east').slice(Number(world.position('east', 'idle')))
    await failBack(world)
    expect(Number(world.position('west', 'idle'))).toBeGreaterThanOrEqual(world.start('west'))
    expect(await readsAfterFailback(world, 'idle')).toEqual(unread)
  })

  it('leaves no map of what was emptied', async () => {
    const one = await lost(history)
    const { world } = one
    const [forward, reverse] = [world.links['west-east'].state, world.links['east-west'].state]
    const pageOf = (incarnation: string) => ({
      incarnation,
      runs: [{ source: 0n, target: 0n, length: 1n }] as const,
      followedBy: { source: 1n, target: 1n },
    })
    const lives = [forward, reverse].map((state) => state.head(ORDERS)?.incarnation)
    for (const [at, state] of [forward, reverse].entries())
      if (lives[at] !== undefined) await state.seal(ORDERS, [pageOf(lives[at])])
    await paid(one)
    for (const [at, state] of [forward, reverse].entries()) {
      expect(state.pages(ORDERS, lives[at] ?? '')).toEqual([])
      expect(state.head(ORDERS)?.openRuns).toEqual([])
    }
    expect(reverse.head(ORDERS)).toMatchObject({ nextSource: 0n, nextTarget: BigInt(world.start('west')) })
    expect(await forward.gaps(ORDERS)).toMatchObject([{ kind: 'filtered', to: BigInt(world.start('west')) }])
  })

  it('comes to the same wherever whoever settles it dies', async () => {
    const undisturbed = new Killer(0, 'before')
    await settle(await lost(history), (port) => undisturbed.wrap(port))
    const points = killPoints(undisturbed)
    expect(points.length).toBeGreaterThan(50)
    for (const [at, when] of points) {
      const one = await lost(history)
      const killer = new Killer(at, when)
      await expect(settle(one, (port) => killer.wrap(port))).rejects.toThrow()
      const world = await paid(one)
      expect(await exported(one.tail), `${when} call ${at}`).toBe(5)
      await world.drain('east-west')
      isTheSameOnBothSides(one, `${when} call ${at}`)
      const idle = world.values('east').slice(Number(world.position('east', 'idle')))
      await failBack(world)
      expect(await readsAfterFailback(world, 'idle'), `${when} call ${at}`).toEqual(idle)
    }
  })

  it('comes to the same when two do it at once', async () => {
    const one = await lost(history)
    await Promise.allSettled([settle(one), settle(one)])
    const world = await paid(one)
    await world.drain('east-west')
    isTheSameOnBothSides(one)
  })

  it('is not touched by who comes late', async () => {
    const undisturbed = new Killer(0, 'before')
    await settle(await lost(history), (port) => undisturbed.wrap(port))
    for (let at = 1; at <= undisturbed.calls; at++) {
      const one = await lost(history)
      let calls = 0
      const sleeping = <Port extends object>(port: Port): Port =>
        new Proxy(port, {
          get: (of, name) => {
            const member: unknown = Reflect.get(of, name)
            if (typeof member !== 'function') return member
            return async (...args: unknown[]) => {
              if (++calls === at) {
                await settle(one)
                await one.world.drain('east-west')
              }
              return await member.apply(of, args)
            }
          },
        })
      await settle(one, sleeping).catch(() => undefined)
      await settled(one)
      one.world.write('east', 3)
      await one.world.drain('east-west')
      isTheSameOnBothSides(one, `late at ${at}`)
      await failBack(one.world)
    }
  })

  it('is filled by nobody while it holds records', async () => {
    const one = await lost(history)
    const debts = one.world.links['west-east'].table.debts
    if (debts === undefined) throw new Error('nothing is owed')
    await expect(settleReverse(debts, inTime(), one.world.depsTo('east'))).rejects.toMatchObject({ code: 'TAIL_LEFT' })
    expect(one.world.status('east-west').mode).toBe('stopped')
  })
})

/** Of a world with two partitions; west writes to both of them. */
describe('an old active cluster of which it is given up that it is emptied', () => {
  const DECISION = { what: 'scrape', by: 'ana', reason: 'the fence leaks', at: 1 } as const
  const lostTwice = async (): Promise<Lost> => {
    const world = new FailoverWorld({ partitions: 2 })
    for (const partition of [0, 1]) world.write('west', 6, partition)
    await world.drain('west-east')
    for (const partition of [0, 1]) world.write('west', 3, partition)
    const stranded = [0, 1].flatMap((partition) => world.values('west', partition).slice(6))
    world.setUp('west', false)
    expect(await new FailoverMachine(world, 'east', 'first', { mode: 'unplanned', tail: 'scrape' }).run()).toBe('done')
    for (const partition of [0, 1]) world.write('east', 4, partition)
    world.setUp('west', true)
    return { world, tail: tailInWorld(world, 'east'), stranded }
  }
  const debtsOf = ({ world }: Lost) => {
    const { debts } = world.links['west-east'].table
    if (debts === undefined) throw new Error('nothing is owed')
    return { ...debts, tail: 'scrape' as const }
  }
  /** Emptied, but for what the fence let through then; `left`: partitions that Kafka did not empty. */
  const leaking = async (left: readonly number[] = []): Promise<Lost> => {
    const one = await lostTwice()
    const { tail, world } = one
    const deleteBelow: TailDeps['deletion']['deleteBelow'] = async (offsets, deadline) =>
      await tail.deletion.deleteBelow(
        offsets.filter(({ partition }) => !left.includes(partition)),
        deadline,
      )
    await settleTail(debtsOf(one), inTime(), { ...tail, deletion: { deleteBelow } })
    world.clusters.west.fenced = false
    expect(world.write('west', 2, 0)).toBe(2)
    world.clusters.west.fenced = true
    return one
  }
  const turnBack = (one: Lost, deps: CoreDeps = one.world.depsTo('east')) => settleReverse(debtsOf(one), inTime(), deps)
  const giveUp = ({ world }: Lost) => world.links['west-east'].table.giveUp('first', DECISION)
  const home = async (one: Lost): Promise<void> => {
    await settled(one)
    await one.world.drain('east-west')
    for (const partition of [0, 1])
      one.world.commit('east', 'billing', one.world.values('east', partition).length - 1, partition)
    await failBack(one.world)
  }
  /** The last record of each partition is the only one that the group has not read. */
  const groupIsHome = ({ world }: Lost): void => {
    for (const partition of [0, 1]) {
      const from = Number(world.position('west', 'billing', partition) ?? 0n)
      expect(world.read('west', from, 1_000, partition).values).toEqual(world.values('east', partition).slice(-1))
    }
  }

  it('is filled behind what was written there since, and only once somebody has given it up', async () => {
    const one = await leaking()
    const { world } = one
    const late = world.values('west', 0)
    expect(late).toHaveLength(2)
    const refused = turnBack(one)
    await expect(refused).rejects.toMatchObject({ code: 'TAIL_LEFT' })
    await expect(refused).rejects.toThrow(
      /orders-0 holds offsets 9 to 10 still; mend it, .* npx twinshore tail west-east first --give-up/,
    )
    expect(world.status('east-west').mode).toBe('stopped')
    await giveUp(one)
    expect(await turnBack(one)).toMatchObject({ outcome: 'done' })
    await home(one)
    expect(world.values('west', 0)).toEqual([...late, ...world.values('east', 0)])
    expect(world.values('west', 1)).toEqual(world.values('east', 1))
    groupIsHome(one)
  })

  it('keeps what was not emptied, with its tail, and gets from the boundary on what follows', async () => {
    const one = await leaking([1])
    const { world } = one
    const [late, kept] = [world.values('west', 0), world.values('west', 1)]
    expect(kept).toHaveLength(9)
    await giveUp(one)
    expect(await turnBack(one)).toMatchObject({ outcome: 'done' })
    await home(one)
    expect(world.values('west', 0)).toEqual([...late, ...world.values('east', 0)])
    expect(world.values('west', 1)).toEqual([...kept, ...world.values('east', 1).slice(6)])
    groupIsHome(one)
    world.write('west', 2, 1)
    await world.drain('west-east')
    expect(world.values('east', 1).slice(-2)).toEqual(world.values('west', 1).slice(-2))
    for (const value of one.stranded) expect(world.values('east', 1)).not.toContain(value)
  })

  it('is exported as a whole and left as it was, where nothing was emptied yet', async () => {
    const one = await lostTwice()
    const { world, tail } = one
    world.clusters.west.fenced = true
    const dying = { deleteBelow: async () => Promise.reject(new Error('killed')) }
    await settleTail(debtsOf(one), inTime(), { ...tail, deletion: dying }).catch(() => undefined)
    const kept = [0, 1].map((partition) => world.values('west', partition))
    await giveUp(one)
    expect(await turnBack(one)).toMatchObject({ outcome: 'done' })
    expect(await exported(tail)).toBe(6)
    await home(one)
    for (const partition of [0, 1])
      expect(world.values('west', partition)).toEqual([
        ...(kept[partition] ?? []),
        ...world.values('east', partition).slice(6),
      ])
    groupIsHome(one)
  })

  it('comes to the same wherever whoever turns it around dies, and when two do', async () => {
    const undisturbed = new Killer(0, 'before')
    const rehearsal = await leaking([1])
    await giveUp(rehearsal)
    await turnBack(
      rehearsal,
      wrapped(rehearsal.world.depsTo('east'), (port) => undisturbed.wrap(port)),
    )
    const points = killPoints(undisturbed)
    expect(points.length).toBeGreaterThan(20)
    for (const [at, when] of [...points, 'two' as const].map((one) => (one === 'two' ? ([0, one] as const) : one))) {
      const one = await leaking([1])
      const { world } = one
      const [late, kept] = [world.values('west', 0), world.values('west', 1)]
      await giveUp(one)
      if (when === 'two') await Promise.allSettled([turnBack(one), turnBack(one)])
      else {
        const killer = new Killer(at, when)
        await expect(
          turnBack(
            one,
            wrapped(world.depsTo('east'), (port) => killer.wrap(port)),
          ),
        ).rejects.toThrow()
      }
      await turnBack(one)
      await home(one)
      const why = `${when} call ${at}`
      expect(world.values('west', 0), why).toEqual([...late, ...world.values('east', 0)])
      expect(world.values('west', 1), why).toEqual([...kept, ...world.values('east', 1).slice(6)])
      groupIsHome(one)
    }
  })
})

it('is left with what an earlier failover had left below it', async () => {
  const world = new FailoverWorld()
  world.write('west', 3)
  await world.drain('west-east')
  world.write('west', 2)
  world.setUp('west', false)
  const [there, back] = [{ mode: 'unplanned', tail: 'discard' }, { mode: 'failback' }] as const
  expect(await new FailoverMachine(world, 'east', 'there', there).run()).toBe('done')
  world.setUp('west', true)
  expect(await world.settleDebts('east')).toMatchObject({ outcome: 'done' })
  expect(await new FailoverMachine(world, 'west', 'back', back).run()).toBe('done')
  world.write('west', 4)
  await world.drain('west-east')
  world.setUp('west', false)
  expect(await new FailoverMachine(world, 'east', 'first', { mode: 'unplanned', tail: 'scrape' }).run()).toBe('done')
  world.setUp('west', true)
  const settling = settleTail({ execution: 'first', tail: 'scrape' }, inTime(), tailInWorld(world, 'east'))
  await expect(settling).rejects.toThrow(
    'orders-0 holds offsets from 3 to 4 that were not replicated (filtered: stranded',
  )
  expect(world.values('west')).toHaveLength(9)
})
