import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { FailoverInput } from '../../../../../shared/domain/failover/failover-input.ts'
import { placedIn } from '../../../../../shared/domain/failover/placed-positions.ts'
import type { DataCluster } from '../../../../../shared/usecases/failover/data-deps.ts'
import { groups } from '../../../../../shared/usecases/failover/groups.ts'
import { placingGroups } from '../../../../../shared/usecases/failover/place-at-promotion.ts'
import { FailoverDataWorld } from '../../../../support/failover-data-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { intercepted, Sleeper } from '../../../../support/intercepted-port.ts'
import { Killer } from '../../../../support/killer.ts'

const ORDERS = { topic: 'orders', partition: 0 }
const EARLIEST: Partial<FailoverInput> = { positions: { kind: 'earliest' } }
const UNPLANNED: Partial<FailoverInput> = { ...EARLIEST, mode: 'unplanned' }
const STOPPED = { mode: 'stopped', role: 'standby', epoch: 2 } as const
const PROMOTED = { mode: 'stopped', role: 'active', epoch: 3 } as const

let there: FailoverDataWorld
/** Nothing on the target is at the offset that it has on the source. */
const begin = async (): Promise<void> => {
  there = new FailoverDataWorld()
  there.world.write('west', ORDERS, 3, 'markers')
  there.world.write('west', ORDERS, 10)
  await there.world.replicate('west-east', ORDERS)
  there.world.commit('west', 'billing', ORDERS, 7)
  there.world.commit('east', 'there-only', ORDERS, 5)
  there.world.commit('west', 'elsewhere', { topic: 'unknown', partition: 0 }, 1)
  there.forward = STOPPED
}
beforeEach(begin)

/** What the ledger has of the promotion. */
const noted = async () => (await there.ledger.steps('one', inTime())).get('promote')?.data
const standsAt = (group: string) => there.world.position('east', group, ORDERS)
/** The promotion is one write; clients may read from then on. */
const promotion = async (): Promise<void> => {
  there.forward = PROMOTED
}
const placing = placingGroups(async () => {
  await promotion()
  return { outcome: 'done', message: 'promoted', facts: { epoch: 3 } }
})

describe('groups that shall not resume where they were', () => {
  it.each([
    ['the earliest record', { kind: 'earliest' }, 0n],
    ['the end', { kind: 'latest' }, 10n],
    ['a point in time', { kind: 'timestamp', at: 3_500 }, 4n],
    ['a point in time at which a record was written', { kind: 'timestamp', at: 3_000 }, 3n],
    ['the end, when nothing is as late', { kind: 'timestamp', at: 9_001 }, 10n],
  ] as const)('are placed at %s, on both clusters’ word', async (_what, positions, offset) => {
    const { outcome, facts } = await there.run(placing, { positions })
    expect([outcome, facts?.['groups'], facts?.['positions'], facts?.['epoch']]).toEqual(['done', 2, 2, 3])
    expect([standsAt('billing'), standsAt('there-only')]).toEqual([offset, offset])
    expect(facts?.['placed']).toContainEqual({ group: 'billing', topic: 'orders', partition: 0, offset: `${offset}` })
    expect(there.world.clusters.east.groups.groups.has('elsewhere')).toBe(false)
  })

  it('are placed after all passes that moved them on until the link was stopped', async () => {
    const { facts } = await there.run(groups, EARLIEST)
    there.remember('groups', facts ?? {})
    there.world.commit('west', 'billing', ORDERS, 9)
    await there.world.pass()
    expect(standsAt('billing')).toBe(6n)
    await there.run(placing, EARLIEST)
    expect(standsAt('billing')).toBe(0n)
  })

  it('are placed at what retention has left', async () => {
    there.target.starts.set('orders-0', 2n)
    await there.run(placing, EARLIEST)
    expect(standsAt('billing')).toBe(2n)
  })

  it('are left where their members are, and an operator is told', async () => {
    there.world.clusters.east.groups.join('there-only')
    const { message, facts } = await there.run(placing, EARLIEST)
    expect(facts).toMatchObject({ groups: 1, live: ['there-only'] })
    expect(message).toContain('1 positions of 1 groups are placed: earliest; 1 groups have members')
    expect(message).toContain(': there-only')
    expect(standsAt('there-only')).toBe(5n)
  })

  it('are counted where more of them have members than an item of the table could name', async () => {
    for (let at = 0; at < 501; at++) {
      there.world.commit('east', `busy-${at}`, ORDERS, 5)
      there.world.clusters.east.groups.join(`busy-${at}`)
    }
    const { message, facts } = await there.run(placing, EARLIEST)
    expect(facts).toMatchObject({ groups: 2, liveGroups: 501 })
    expect(facts?.['live']).toHaveLength(500)
    expect(message).toMatch(/; 501 groups have members there, and were left where these are: (busy-\d+, ){20}…$/)
  })

  it('are counted, and noted as far as an item of the table holds them, however long their names are', async () => {
    const longName = (at: number) => `${'ü'.repeat(14_000)}-${at}`
    for (let at = 0; at < 20; at++) there.world.commit('east', longName(at), ORDERS, 5)
    const drilled = await there.run(groups, { ...EARLIEST, mode: 'drill' })
    expect(drilled.facts).toMatchObject({ groups: 22, positions: 22 })
    expect(Buffer.byteLength(JSON.stringify(drilled.facts))).toBeLessThan(101_000)
    for (let at = 0; at < 10; at++) there.world.clusters.east.groups.join(longName(at))
    const held = placingGroups(async () => ({ outcome: 'again', message: 'not yet' }))
    const { message } = await there.run(held, EARLIEST)
    const facts = await noted()
    expect(facts).toMatchObject({ groups: 12, positions: 12, liveGroups: 10 })
    expect(Buffer.byteLength(JSON.stringify(facts))).toBeLessThan(202_000)
    expect([facts?.['live'], facts?.['placed']]).toMatchObject([{ length: 3 }, { length: 4 }])
    expect(message).toMatch(/; 10 groups have members there, and were left where these are: (ü{100}…, ){3}…$/)
    for (const { group } of placedIn(facts)?.placed ?? []) there.world.clusters.east.groups.join(group)
    await there.run(held, EARLIEST)
    const again = await noted()
    expect(again).toMatchObject({ groups: 12, positions: 12, liveGroups: 10 })
    expect(Buffer.byteLength(JSON.stringify(again))).toBeLessThan(202_000)
  })

  it('are placed also when the source is gone, and only then without its word, which is told', async () => {
    there.loseSource()
    await expect(there.run(placing, EARLIEST)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    expect(there.forward).toEqual(STOPPED)
    for (const step of [groups, placing]) {
      const { message, facts } = await there.run(step, UNPLANNED)
      expect(facts).toMatchObject({ groups: 1, unheard: expect.stringContaining('SOURCE_UNREACHABLE') })
      expect(message).toContain('groups that only the source knows may be left out: SOURCE_UNREACHABLE')
    }
    expect(standsAt('there-only')).toBe(0n)
  })

  it('are not asked of a source that the drain has found gone', async () => {
    there.loseSource()
    there.remember('drain', { sourceGone: true })
    const asked: string[] = []
    const deps = there.deps()
    const watched = intercepted(deps.from.groups, async (method, _args, call) => {
      asked.push(method)
      return await call()
    })
    const { message } = await placing(there.context(UNPLANNED), inTime(), {
      ...deps,
      from: { ...deps.from, groups: watched },
    })
    expect([asked, message]).toEqual([[], expect.stringContaining('the drain has found it gone')])
    there.forward = STOPPED
    await expect(there.run(placing, EARLIEST)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })

  it('leave most of the time to the target when the source does not answer', async () => {
    const deps = there.deps()
    const whole = inTime()
    const short = { ...inTime(), end: () => undefined }
    const given: number[] = []
    const within: typeof deps.within = (ms, deadline) => {
      expect(deadline).toBe(whole)
      given.push(ms)
      return short
    }
    const asked: unknown[] = []
    const groups = intercepted(deps.from.groups, async (_method, args, call) => {
      asked.push(args.at(-1))
      return await call()
    })
    const some = { ...deps, within, from: { ...deps.from, groups } }
    await placing(there.context(UNPLANNED), whole, some)
    expect([given, asked]).toEqual([[8_000], [short, short]])
    there.forward = STOPPED
    await placing(there.context(EARLIEST), whole, some)
    expect([given, asked.slice(2)]).toEqual([[8_000], [whole, whole]])
  })

  it('keep the promotion back when the source refuses to tell, however it is failed over', async () => {
    there.world.clusters.west.groups.list = () => Promise.reject(new ReplicationError('CONFIG_INVALID', 'injected'))
    for (const input of [EARLIEST, UNPLANNED])
      await expect(there.run(placing, input)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(there.forward).toEqual(STOPPED)
  })

  it('are all noted that a source tells of which answers in part', async () => {
    there.world.commit('west', 'a-group', ORDERS, 1)
    there.world.clusters.west.groups.refuse('read', 'a-group', 'SOURCE_UNREACHABLE')
    expect(await there.run(placing, UNPLANNED)).toMatchObject({
      message: expect.stringContaining('may be left out: SOURCE_UNREACHABLE'),
      facts: { groups: 2 },
    })
    expect([standsAt('billing'), standsAt('a-group')]).toEqual([0n, undefined])
    there.forward = STOPPED
    await expect(there.run(placing, EARLIEST)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })

  it.each(['west', 'east'] as const)('are not placed when a broker of %s hides some of them', async (side) => {
    const { groups: admin } = there.world.clusters[side]
    const code = side === 'west' ? 'SOURCE_UNREACHABLE' : 'TARGET_UNREACHABLE'
    admin.troubles.push(new ReplicationError(code, 'a broker is silent'))
    await expect(there.run(placing, EARLIEST)).rejects.toMatchObject({ code })
    expect(there.forward).toEqual(STOPPED)
  })

  it('keep the promotion back when some of them cannot be placed, and tell of all of these', async () => {
    there.world.clusters.east.groups.refuse('commit', 'billing', 'GROUP_DENIED')
    await expect(there.run(placing, EARLIEST)).rejects.toMatchObject({ code: 'GROUP_DENIED' })
    there.world.commit('west', 'shipping', ORDERS, 7)
    there.world.clusters.east.groups.refuse('commit', 'shipping', 'GROUP_REFUSED')
    const failing = there.run(placing, EARLIEST)
    await expect(failing).rejects.toMatchObject({ code: 'GROUP_REFUSED', transient: false })
    await expect(failing).rejects.toThrow(/placing 2 groups: earliest: 2 failed: GROUP_DENIED.*; GROUP_REFUSED/)
    expect(there.forward).toEqual(STOPPED)
    expect(await noted()).toMatchObject({ groups: 1, placed: [{ group: 'there-only', offset: '0' }] })
  })

  it('are left alone where they resume where they were, and in a drill', async () => {
    for (const input of [{}, { ...EARLIEST, mode: 'drill' }] as const)
      expect((await there.run(placing, input)).message).toBe('promoted')
    expect(standsAt('there-only')).toBe(5n)
  })
})

describe('a promotion that does not come about', () => {
  it.each([
    ['further on', 'latest', 10n],
    ['before that', 'earliest', 0n],
  ] as const)('leaves groups %s than they were, until their offsets are deleted', async (_where, kind, placed) => {
    await there.world.pass()
    expect(standsAt('billing')).toBe(4n)
    const refused = placingGroups(async () => ({ outcome: 'refused', message: 'not ours' }))
    await there.run(refused, { positions: { kind } })
    await there.world.pass()
    expect(standsAt('billing')).toBe(placed)
    there.world.clusters.east.groups.groups.delete('billing')
    await there.world.pass()
    expect(standsAt('billing')).toBe(4n)
  })
})

describe('a promotion that is made again', () => {
  it('moves nobody back who has read since, and remembers where they were placed, and who was left', async () => {
    there.world.clusters.east.groups.join('there-only')
    const first = await there.run(placing, EARLIEST)
    there.world.commit('east', 'billing', ORDERS, 4)
    there.loseSource()
    const again = await there.run(placing, EARLIEST)
    expect(again).toEqual(first)
    expect(first.message).toContain('there-only')
    expect(standsAt('billing')).toBe(4n)
  })

  it('says that nobody knows when the ledger does not tell, and nothing of the kind when it promoted nothing', async () => {
    there.forward = PROMOTED
    const { outcome, message, facts } = await there.run(placing, EARLIEST)
    expect([outcome, message]).toEqual(['done', expect.stringContaining('which groups were placed is not known')])
    expect(facts).not.toHaveProperty('placed')
    const refusing = placingGroups(async () => ({ outcome: 'refused', message: 'not ours' }))
    expect(await there.run(refusing, EARLIEST)).toEqual({ outcome: 'refused', message: 'not ours' })
  })

  it('knows where it has placed a group that reads there by now', async () => {
    const held = placingGroups(async () => ({ outcome: 'again', message: 'not yet' }))
    await there.run(held, EARLIEST)
    there.world.clusters.east.groups.join('billing')
    const { message, facts } = await there.run(placing, EARLIEST)
    expect(facts).toMatchObject({ groups: 2, positions: 2, live: [] })
    expect(facts?.['placed']).toContainEqual({ group: 'billing', topic: 'orders', partition: 0, offset: '0' })
    expect(message).not.toContain('members')
  })

  it.each([
    [
      'of another one by now',
      { reserved: 3, holder: { by: 'arn:two', purpose: 'failover', phase: 'acting', since: 1 } },
    ],
    [
      'closing, since all is put back',
      { reserved: 3, holder: { by: 'arn:one', purpose: 'failover', phase: 'closing', since: 1 } },
    ],
    ['nobody’s', { reserved: 3 }],
  ] as const)('moves nobody when the lock is %s', async (_whose, lock) => {
    there.lock = lock
    await there.run(placing, EARLIEST)
    expect(standsAt('there-only')).toBe(5n)
  })

  /** Every port, and the write of the promotion itself. */
  const wrapped = (wrap: <Port extends object>(port: Port) => Port) => {
    const deps = there.deps()
    const { to, from, forward, ledger } = deps
    const write = wrap({ promotion })
    const step = placingGroups(async () => {
      await write.promotion()
      return { outcome: 'done', message: 'promoted', facts: { epoch: 3 } }
    })
    const some = {
      ...deps,
      ...{ to: { ...to, groups: wrap(to.groups), log: wrap(to.log) }, from: { ...from, groups: wrap(from.groups) } },
      ...{ forward: { ...forward, pair: wrap(forward.pair) }, ledger: wrap(ledger) },
    }
    return () => step(there.context(EARLIEST), inTime(), some)
  }
  const PLACED = ['billing', 'there-only'].map((group) => ({ group, ...ORDERS, offset: '0' }))

  it.each(['before', 'after'] as const)(
    'places them after it was killed anywhere, %s a call came about, and always knows where',
    async (when) => {
      for (let at = 1; ; at++) {
        await begin()
        const killer = new Killer(at, when)
        await wrapped((port) => killer.wrap(port))().catch((error: unknown) => {
          if (!killer.hasKilled) throw error
        })
        if (there.forward.role === 'active') there.world.commit('east', 'billing', ORDERS, 4) // it reads on
        const { facts, message } = await wrapped((port) => port)()
        expect(facts).toMatchObject({ groups: 2, positions: 2, live: [], placed: expect.arrayContaining(PLACED) })
        expect(message).toContain('2 positions of 2 groups are placed: earliest')
        expect(standsAt('there-only')).toBe(0n)
        expect(there.forward).toEqual(PROMOTED)
        if (!killer.hasKilled) return expect(at).toBeGreaterThan(9)
      }
    },
  )

  it('knows where they were placed when it ran beside itself, at any call', async () => {
    for (let at = 1; ; at++) {
      await begin()
      let calls = 0
      const beside = await wrapped((port) =>
        intercepted(port, async (_method, _args, call) => {
          if (++calls === at) expect((await wrapped((one) => one)()).facts).toMatchObject({ positions: 2 })
          return await call()
        }),
      )()
      expect(beside.facts).toMatchObject({ groups: 2, positions: 2, live: [], placed: expect.arrayContaining(PLACED) })
      expect(await noted()).toMatchObject({ placed: expect.arrayContaining(PLACED) })
      if (calls < at) return expect(at).toBeGreaterThan(9)
    }
  })

  it('moves nobody back who has read since, when it was asleep meanwhile', async () => {
    for (let at = 1; at < 5; at++) {
      there.forward = STOPPED
      there.world.commit('east', 'billing', ORDERS, 7)
      const sleeper = new Sleeper(at)
      const deps = there.deps()
      const late = {
        ...deps,
        to: { ...deps.to, log: sleeper.wrap(deps.to.log), groups: reading(sleeper, deps.to.groups) },
      }
      const sleeping = placing(there.context(EARLIEST), inTime(), late)
      await Promise.race([sleeper.asleep, sleeping])
      await there.run(placing, EARLIEST)
      there.world.commit('east', 'billing', ORDERS, 6)
      sleeper.wake()
      await sleeping
      expect([at, standsAt('billing')]).toEqual([at, 6n])
    }
  })
})

/** All but the commit, which no look can be made together with. */
const reading = (sleeper: Sleeper, groups: DataCluster['groups']): DataCluster['groups'] => {
  const slow = sleeper.wrap(groups)
  return {
    list: (deadline) => slow.list(deadline),
    committed: (names, deadline) => slow.committed(names, deadline),
    commit: (wanted, deadline) => groups.commit(wanted, deadline),
  }
}
