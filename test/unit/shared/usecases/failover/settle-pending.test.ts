import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { DEBTS, type Debt, type PendingDebts } from '../../../../../shared/domain/failover/pending-debts.ts'
import type { LinkStatus } from '../../../../../shared/domain/head.ts'
import { type PendingDeps, settlePending } from '../../../../../shared/usecases/failover/settle-pending.ts'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import { FakeFailoverTable } from '../../../../fakes/failover-table.ts'
import { FakeLease } from '../../../../fakes/lease.ts'
import { inTime } from '../../../../support/in-time.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'

const PROMOTED: LinkStatus = { mode: 'stopped', role: 'active', epoch: 4 }
const GONE = new ReplicationError('SOURCE_UNREACHABLE', 'asking west: nobody answers')

class IndebtedPair {
  readonly forward = new FakeFailoverTable({ status: PROMOTED })
  readonly reverse = new FakeFailoverTable({ status: { mode: 'stopped', role: 'active', epoch: 3 } })
  readonly lease = new FakeLease()
  readonly settled: Debt[] = []
  readonly answers = new Map<Debt, 'again' | 'refused' | ReplicationError>()

  constructor(owed: readonly Debt[] = DEBTS) {
    this.forward.debts = { execution: 'first', epoch: 4, tail: 'export', since: 1_000, owed }
  }

  get deps(): PendingDeps {
    const settle = (debt: Debt) => async (_debts: PendingDebts) => {
      const answer = this.answers.get(debt)
      if (answer instanceof ReplicationError) throw answer
      if (answer !== undefined) return { outcome: answer, message: 'not now' }
      this.settled.push(debt)
      return { outcome: 'done' as const, message: `${debt} is settled` }
    }
    return {
      pairName: 'west-east',
      forward: { pair: this.forward, pending: this.forward },
      reverse: { pair: this.reverse },
      settlements: {
        fence: settle('fence'),
        roles: settle('roles'),
        tail: settle('tail'),
        clients: settle('clients'),
        reverse: settle('reverse'),
      },
      lease: this.lease,
      clock: Date,
    }
  }

  async pass(deps = this.deps): Promise<Record<string, string>> {
    const { debts } = await settlePending('me', inTime(), deps)
    return Object.fromEntries(debts.map(({ debt, outcome }) => [debt, outcome]))
  }
}

describe('what waits for the old active cluster', () => {
  it('is settled at the first contact, the fence before all', async () => {
    const pair = new IndebtedPair()
    expect(await pair.pass()).toEqual(Object.fromEntries(DEBTS.map((debt) => [debt, 'done'])))
    expect(pair.settled).toEqual(DEBTS)
    expect(pair.forward.debts).toBeUndefined()
    expect(await pair.pass()).toEqual({})
  })

  it('waits for the fence where it needs it, while the cluster is gone', async () => {
    const pair = new IndebtedPair()
    pair.answers.set('fence', GONE)
    expect(await pair.pass()).toEqual({
      fence: 'failed',
      roles: 'done',
      tail: 'waits',
      clients: 'done',
      reverse: 'waits',
    })
    expect(pair.forward.debts?.owed).toEqual(['fence', 'tail', 'reverse'])
    pair.answers.clear()
    await pair.pass()
    expect(pair.forward.debts).toBeUndefined()
  })

  it('tells clients there before it keeps a tail, which may take all the time there is', async () => {
    const pair = new IndebtedPair()
    const { deps } = pair
    const toldBefore: Debt[] = []
    const tail = async () => {
      toldBefore.push(...pair.settled)
      return { outcome: 'again' as const, message: 'there is more of it' }
    }
    await pair.pass({ ...deps, settlements: { ...deps.settlements, tail } })
    expect(toldBefore).toEqual(['fence', 'roles', 'clients'])
  })

  it('begins no link back to a cluster whose tail is not settled', async () => {
    const pair = new IndebtedPair()
    pair.answers.set('tail', 'again')
    expect(await pair.pass()).toMatchObject({ tail: 'again', reverse: 'waits' })
    expect(pair.settled).not.toContain('reverse')
  })

  it('is left alone before the failover has promoted, and once another one has', async () => {
    for (const [epoch, role, outcome] of [
      [3, 'standby', 'waits'],
      [5, 'active', 'refused'],
      [5, 'standby', 'refused'],
      [4, 'standby', 'refused'],
    ] as const) {
      const pair = new IndebtedPair(['fence'])
      const table = new FakeFailoverTable({ status: { mode: 'stopped', role, epoch } })
      table.debts = pair.forward.debts
      const deps = { ...pair.deps, forward: { pair: table, pending: table } }
      expect(await pair.pass(deps), `${role} in ${epoch}`).toEqual({ fence: outcome })
      expect(pair.settled).toEqual([])
    }
  })

  it('is done with once somebody has given it up, but never where it is still due', async () => {
    const decision = { what: 'all', by: 'ana', reason: 'gone back by hand', at: 1 } as const
    for (const overtaken of [true, false]) {
      const pair = new IndebtedPair()
      const table = new FakeFailoverTable({ status: { ...PROMOTED, epoch: overtaken ? 5 : 4 } })
      table.debts = pair.forward.debts
      const deps = { ...pair.deps, forward: { pair: table, pending: table } }
      if (overtaken) {
        const { debts } = await settlePending('me', inTime(), deps)
        expect(debts[0]?.message).toContain("npx twinshore tail west-east first --give-up --reason '...'")
      }
      await table.giveUp('first', { ...decision, what: 'scrape' })
      if (overtaken) {
        expect((await settlePending('me', inTime(), deps)).debts[0]).toMatchObject({ outcome: 'refused' })
        expect(table.debts).toEqual(pair.forward.debts)
      }
      await table.giveUp('first', decision)
      const { debts } = await settlePending('me', inTime(), deps)
      expect(debts.map(({ debt, outcome }) => [debt, outcome])).toEqual(DEBTS.map((debt) => [debt, 'done']))
      if (overtaken)
        expect(new Set(debts.map(({ message }) => message))).toEqual(new Set(['given up by ana: gone back by hand']))
      expect(table.debts).toBeUndefined()
      expect(pair.settled).toEqual(overtaken ? [] : DEBTS)
    }
  })

  it('is not settled by two at a time', async () => {
    const pair = new IndebtedPair()
    pair.lease.held = { owner: 'somebody', until: Date.now() + 60_000 }
    expect(await settlePending('me', inTime(), pair.deps)).toEqual({ execution: 'first', since: 1_000, debts: [] })
    expect(pair.settled).toEqual([])
  })

  it('leaves time to give the lease back, whatever takes long', async () => {
    const pair = new IndebtedPair(['tail'])
    const { deps } = pair
    const tail = async (_debts: PendingDebts, { at, signal }: Deadline) => {
      expect(at).toBeLessThanOrEqual(deadline.at - 3_000)
      if (!signal.aborted) await once(signal, 'abort')
      return { outcome: 'again' as const, message: 'there is more' }
    }
    const deadline = inTime(3_100)
    const report = await settlePending('me', deadline, { ...deps, settlements: { ...deps.settlements, tail } })
    expect(report.debts).toMatchObject([{ debt: 'tail', outcome: 'again' }])
    expect(deadline.signal.aborted).toBe(false)
    expect(pair.lease.held).toBeUndefined()
  })

  it('does not wait long for the other region before it looks at the cluster', async () => {
    const pair = new IndebtedPair()
    const given: number[] = []
    const read: PendingDeps['forward']['pair']['read'] = async (deadline) => {
      given.push(deadline.at - Date.now())
      throw new ReplicationError('STATE_UNREACHABLE', 'reading the roles there')
    }
    const { deps } = pair
    await settlePending('me', inTime(60_000), { ...deps, reverse: { pair: { ...pair.reverse, read } as never } })
    expect(given).toHaveLength(1)
    expect(given.every((ms) => ms <= 10_000)).toBe(true)
    expect(pair.settled).toContain('fence')
  })

  it('is settled once, whenever whoever settles it is killed', async () => {
    const wrapped = (pair: IndebtedPair, killer: Killer): PendingDeps => {
      const { pairName, forward, reverse, settlements, lease, clock } = pair.deps
      return {
        pairName,
        forward: { pair: killer.wrap(forward.pair), pending: killer.wrap(forward.pending) },
        ...(reverse && { reverse: { pair: killer.wrap(reverse.pair) } }),
        settlements: killer.wrap(settlements),
        lease: killer.wrap(lease),
        clock,
      }
    }
    const undisturbed = new Killer(0, 'before')
    const rehearsal = new IndebtedPair()
    await settlePending('me', inTime(), wrapped(rehearsal, undisturbed))
    for (const [at, when] of killPoints(undisturbed)) {
      const pair = new IndebtedPair()
      await settlePending('me', inTime(), wrapped(pair, new Killer(at, when))).catch(() => undefined)
      await settlePending('me', inTime(), pair.deps)
      expect(pair.forward.debts, `${when} call ${at}`).toBeUndefined()
      expect([...new Set(pair.settled)].sort()).toEqual([...DEBTS].sort())
      expect(pair.settled.indexOf('reverse')).toBeGreaterThan(pair.settled.lastIndexOf('tail'))
      expect(pair.settled[0]).toBe('fence')
    }
  })
})

describe('a side that comes back', () => {
  const back = (other: LinkStatus | ReplicationError) => {
    const forward = new FakeFailoverTable({ status: { mode: 'forwarding', role: 'standby', epoch: 1 } })
    const reverse = new FakeFailoverTable({ status: other instanceof ReplicationError ? PROMOTED : other })
    if (other instanceof ReplicationError) reverse.read = async () => Promise.reject(other)
    const { deps } = new IndebtedPair()
    return { forward, deps: { ...deps, forward: { pair: forward, pending: forward }, reverse: { pair: reverse } } }
  }

  it('stands down when it has missed a promotion of the other one', async () => {
    const active: LinkStatus = { mode: 'stopped', role: 'active', epoch: 1 }
    const own = new FakeFailoverTable({ status: active })
    const { deps } = back(PROMOTED)
    const report = await settlePending('me', inTime(), { ...deps, forward: { pair: own, pending: own } })
    expect(report).toEqual({ stoodDown: 4, debts: [] })
    expect(own.status).toEqual({ mode: 'stopped', role: 'standby', epoch: 4 })
  })

  it.each([
    ['has missed nothing', { mode: 'forwarding', role: 'standby', epoch: 1 } as const],
    ['cannot ask the other region', new ReplicationError('STATE_UNREACHABLE', 'reading the table')],
  ])('stays what it is when it %s', async (_why, other) => {
    const { forward, deps } = back(other)
    expect(await settlePending('me', inTime(), deps)).toEqual({ debts: [] })
    expect(forward.status.epoch).toBe(1)
  })
})
