import { beforeEach, describe, expect, it } from 'vitest'
import type { FailoverInput } from '../../../../../shared/domain/failover/failover-input.ts'
import type { DataCluster } from '../../../../../shared/usecases/failover/data-deps.ts'
import { groups } from '../../../../../shared/usecases/failover/groups.ts'
import { placingGroups } from '../../../../../shared/usecases/failover/place-at-promotion.ts'
import { FailoverDataWorld } from '../../../../support/failover-data-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { intercepted, Sleeper } from '../../../../support/intercepted-port.ts'

const ORDERS = { topic: 'orders', partition: 0 }
const EARLIEST: Partial<FailoverInput> = { positions: { kind: 'earliest' } }
const STOPPED = { mode: 'stopped', role: 'standby', epoch: 2 } as const
const PROMOTED = { mode: 'stopped', role: 'active', epoch: 3 } as const

let there: FailoverDataWorld
/** Nothing on the target is at the offset that it has on the source. */
beforeEach(async () => {
  there = new FailoverDataWorld()
  there.world.write('west', ORDERS, 3, 'markers')
  there.world.write('west', ORDERS, 10)
  await there.world.replicate('west-east', ORDERS)
  there.world.commit('west', 'billing', ORDERS, 7)
  there.world.commit('east', 'there-only', ORDERS, 5)
  there.world.commit('west', 'elsewhere', { topic: 'unknown', partition: 0 }, 1)
  there.forward = STOPPED
})

const standsAt = (group: string) => there.world.position('east', group, ORDERS)
/** The promotion is one write; clients may read from then on. */
const placing = placingGroups(async () => {
  there.forward = PROMOTED
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

  it('are left where their members are', async () => {
    there.world.clusters.east.groups.join('there-only')
    const { facts } = await there.run(placing, EARLIEST)
    expect(facts).toMatchObject({ groups: 1, live: ['there-only'] })
    expect(standsAt('there-only')).toBe(5n)
  })

  it('are placed also when the source is gone, and only then without its word', async () => {
    there.loseSource()
    await expect(there.run(placing, EARLIEST)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    expect(there.forward).toEqual(STOPPED)
    expect(await there.run(placing, { ...EARLIEST, mode: 'unplanned' })).toMatchObject({ facts: { groups: 1 } })
    expect(standsAt('there-only')).toBe(0n)
  })

  it('keep the promotion back when one of them cannot be placed', async () => {
    there.world.clusters.east.groups.refuse('commit', 'billing', 'GROUP_DENIED')
    await expect(there.run(placing, EARLIEST)).rejects.toMatchObject({ code: 'GROUP_DENIED' })
    expect(there.forward).toEqual(STOPPED)
  })

  it('are left alone where they resume where they were, and in a drill', async () => {
    for (const input of [{}, { ...EARLIEST, mode: 'drill' }] as const)
      expect((await there.run(placing, input)).message).toBe('promoted')
    expect(standsAt('there-only')).toBe(5n)
  })
})

describe('a promotion that is made again', () => {
  it('moves nobody back who has read since, and remembers where they were placed', async () => {
    const { facts } = await there.run(placing, EARLIEST)
    there.remember('promote', facts ?? {}, { outcome: 'again' })
    there.world.commit('east', 'billing', ORDERS, 4)
    there.loseSource()
    const again = await there.run(placing, EARLIEST)
    expect(again).toMatchObject({ outcome: 'done', message: 'promoted', facts: { placed: facts?.['placed'] } })
    expect(standsAt('billing')).toBe(4n)
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

  it('places them after it was killed anywhere, and in front of the promotion', async () => {
    const died = new Error('killed')
    for (let at = 1; ; at++) {
      let calls = 0
      const dying = <Port extends object>(port: Port): Port =>
        intercepted(port, async (_method, _args, call) => {
          if (++calls === at) throw died
          return await call()
        })
      there.forward = STOPPED
      there.world.commit('east', 'there-only', ORDERS, 5)
      const deps = there.deps()
      const { to, from } = deps
      const some = { ...deps, to: { ...to, groups: dying(to.groups) }, from: { ...from, groups: dying(from.groups) } }
      const ended = await placing(there.context(EARLIEST), inTime(), some).catch((error: unknown) => error)
      expect(there.forward).toEqual(ended === died ? STOPPED : PROMOTED)
      await there.run(placing, EARLIEST)
      expect([standsAt('billing'), standsAt('there-only')]).toEqual([0n, 0n])
      if (ended !== died) return expect(at).toBeGreaterThan(4)
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
