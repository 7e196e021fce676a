import { beforeEach, describe, expect, it } from 'vitest'
import type { FailoverInput } from '../../../../../shared/domain/failover/failover-input.ts'
import { FAILOVER_STEPS } from '../../../../../shared/domain/failover/failover-step.ts'
import type { Debt } from '../../../../../shared/domain/failover/pending-debts.ts'
import type { LinkStatus } from '../../../../../shared/domain/head.ts'
import { consumerGroup } from '../../../../../shared/domain/link-names.ts'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import { FailoverMachine } from '../../../../support/failover-machine.ts'
import { FailoverWorld, type Side } from '../../../../support/failover-world.ts'
import { intercepted } from '../../../../support/intercepted-port.ts'

const ORDERS = { topic: 'orders', partition: 0 }

let world: FailoverWorld

beforeEach(async () => {
  world = new FailoverWorld()
  world.write('west', 10)
  await world.drain('west-east')
  world.write('west', 5)
})

const failOver = (to: Side, name: string, changes: Partial<FailoverInput> = {}): FailoverMachine =>
  new FailoverMachine(world, to, name, changes)

const isDeadline = (value: unknown): value is Deadline =>
  typeof value === 'object' && value !== null && 'at' in value && 'signal' in value

describe('a planned failover, and back', () => {
  it('changes roles, one epoch a promotion, and replicates the other way from the boundary on', async () => {
    expect(await failOver('east', 'first').run()).toBe('done')
    expect(world.status('west-east')).toEqual({ mode: 'stopped', role: 'active', epoch: 1 })
    expect(world.status('east-west')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 1 })
    expect([world.isWritable('west'), world.isWritable('east')]).toEqual([false, true])
    expect(world.values('east')).toEqual(world.values('west'))
    world.write('east', 7)
    await world.drain('east-west')
    expect(world.values('west')).toEqual(world.values('east'))
    expect(world.values('west')).toHaveLength(22)

    expect(await failOver('west', 'back', { mode: 'failback' }).run()).toBe('done')
    expect(world.status('east-west')).toEqual({ mode: 'stopped', role: 'active', epoch: 2 })
    expect(world.status('west-east')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 2 })
    world.write('west', 3)
    await world.drain('west-east')
    expect(world.values('east')).toEqual(world.values('west'))
    expect(world.values('west')).toHaveLength(25)
  })

  it('lets no poller read what the other link has brought', async () => {
    await failOver('east', 'first').run()
    world.write('east', 7)
    expect(await world.poll('east-west')).toBe(7)
    await failOver('west', 'back').run()
    world.write('west', 3)
    expect(await world.poll('west-east')).toBe(3)
    const group = consumerGroup(world.links['west-east'].link, 'orders')
    expect(world.links['west-east'].positions.positions.get(group)?.get('orders-0')).toBe(25n)
  })

  it('has a map of both links that accounts for every offset', async () => {
    await failOver('east', 'first').run()
    world.write('east', 7)
    await world.drain('east-west')
    await failOver('west', 'back').run()
    world.write('west', 3)
    await world.drain('west-east')
    const runs = (way: 'west-east' | 'east-west') =>
      world.links[way].state
        .head(ORDERS)
        ?.openRuns.map(({ source, length, looped = false }) => [source, length, looped])
    expect(runs('west-east')).toEqual([
      [0n, 15n, false],
      [15n, 7n, true],
      [22n, 3n, false],
    ])
    expect(runs('east-west')).toEqual([
      [0n, 15n, true],
      [15n, 7n, false],
    ])
  })

  it('leaves a topic alone that the old active side has no more', async () => {
    const gone = failOver('east', 'first')
    gone.meanwhile.set('stop', () => world.clusters.west.topics.topics.delete('orders'))
    expect(await gone.run()).toBe('done')
    const [orders] = await world.links['west-east'].table.topics('first')
    expect(orders?.points.get(0)).toEqual({ targetEnd: 15n, replicated: { source: 15n, target: 15n } })
    expect(world.links['east-west'].state.head(ORDERS)).toBeUndefined()
    expect(world.status('east-west').mode).toBe('forwarding')
  })

  it.each([{ paused: true }, { restarting: true }])('leaves the poller of a topic off that is %o', async (change) => {
    const record = { incarnation: 'any', targetTopic: 'orders', paused: false, restarting: false, ...change }
    world.links['east-west'].topics.records.set('orders', record)
    expect(await failOver('east', 'first').run()).toBe('done')
    expect(world.links['east-west'].mappings.changes).toEqual([])
  })

  it.each(['prefix'] as const)('leaves a link with names of its own (%s) where it is', async (naming) => {
    world = new FailoverWorld({ naming })
    world.write('west', 10)
    await world.drain('west-east')
    world.clusters.east.held = false
    world.write('east', 4)
    world.clusters.east.held = true
    await world.drain('east-west')
    const before = world.links['east-west'].state.head(ORDERS)
    expect(await failOver('east', 'first').run()).toBe('done')
    expect(world.links['east-west'].state.head(ORDERS)).toEqual(before)
    expect(world.status('east-west')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 1 })
    world.write('east', 3)
    await world.drain('east-west')
    expect(world.values('west', 0, 'east.orders')).toEqual(world.values('east'))
  })
})

describe('a region that missed a promotion', () => {
  const gone = (side: Side, up: boolean): void => world.setUp(side, up)

  it('is failed over from without it, and owed what follows', async () => {
    gone('west', false)
    expect(await failOver('east', 'first', { mode: 'unplanned' }).run()).toBe('done')
    expect(world.status('west-east')).toEqual({ mode: 'stopped', role: 'active', epoch: 1 })
    expect(world.status('east-west')).toEqual({ mode: 'stopped', role: 'active', epoch: 0 })
    expect(world.links['west-east'].table.debts).toMatchObject({
      execution: 'first',
      epoch: 1,
      owed: ['roles', 'reverse'],
    })
  })

  it('forwards nothing when it comes back, whatever its pollers bring', async () => {
    gone('west', false)
    await failOver('east', 'first', { mode: 'unplanned' }).run()
    gone('west', true)
    world.write('east', 2)
    await expect(world.deliver('west-east')).rejects.toThrow('LINK_NOT_FORWARDING')
    await expect(world.deliver('east-west')).rejects.toThrow('LINK_NOT_FORWARDING')
    expect(world.values('east')).toHaveLength(12)
    expect(world.values('west')).toHaveLength(15)
  })

  it('replicates from the boundary on once it is settled; what is stranded is named, and comes to neither side', async () => {
    gone('west', false)
    await failOver('east', 'first', { mode: 'unplanned' }).run()
    gone('west', true)
    world.write('east', 4)
    expect(await world.settleDebts('east')).toMatchObject({ outcome: 'done' })
    expect(world.status('east-west')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 1 })
    expect(world.links['east-west'].table.lock.holder).toBeUndefined()
    await world.drain('east-west')
    const stranded = world.values('west').slice(10, 15)
    expect(world.values('west')).toEqual([
      ...world.values('east').slice(0, 10),
      ...stranded,
      ...world.values('east').slice(10),
    ])
    const [gap] = await world.links['west-east'].state.gaps(ORDERS)
    expect(gap).toMatchObject({ from: 10n, to: 15n, kind: 'filtered' })
    expect(await failOver('west', 'back', { mode: 'failback' }).run()).toBe('done')
    world.write('west', 3)
    await world.drain('west-east')
    const onWest = world.values('west').filter((value) => !stranded.includes(value))
    expect(world.values('east')).toEqual(onWest)
  })

  describe('and answers again before the link back begins', () => {
    const answering = (owed: readonly Debt[]): FailoverMachine => {
      const machine = failOver('east', 'first', { mode: 'unplanned' })
      const debts = { execution: 'first', epoch: 1, tail: 'export' as const, since: 0, owed }
      machine.meanwhile.set('reverse', () => world.links['west-east'].table.owe(machine.arn, debts))
      return machine
    }

    it('is not waited for until the step is at its end', async () => {
      const machine = answering(['fence', 'tail'])
      const given: number[] = []
      const listening = <Port extends object>(port: Port): Port =>
        intercepted(port, async (method, [deadline], call) => {
          if (method === 'read' && machine.calling === 'reverse' && isDeadline(deadline))
            given.push(deadline.at - Date.now())
          return await call()
        })
      expect(await machine.run(listening)).toBe('done')
      expect(given.length).toBeGreaterThan(0)
      expect(given.filter((ms) => ms > 10_000)).toEqual([])
    })

    it.each<{ owed: readonly Debt[] }>([{ owed: ['fence'] }, { owed: ['tail'] }, { owed: ['fence', 'tail'] }])(
      'stands down at once, and gets no copy while it is owed $owed',
      async ({ owed }) => {
        const machine = answering(owed)
        expect(await machine.run()).toBe('done')
        expect(machine.answers.get('reverse')?.message).toContain(`once this is settled: ${owed.join(', ')}`)
        expect(world.status('east-west')).toEqual({ mode: 'stopped', role: 'standby', epoch: 1 })
        expect(world.links['west-east'].table.debts).toMatchObject({ execution: 'first', owed: [...owed, 'reverse'] })
        world.write('east', 3)
        await expect(world.deliver('east-west')).rejects.toThrow('LINK_NOT_FORWARDING')
        expect(await world.settleDebts('east')).toMatchObject({ outcome: 'done' })
        await world.drain('east-west')
        expect(world.values('west').slice(-3)).toEqual(world.values('east').slice(-3))
      },
    )

    it('is owed its role as well where its table does not answer', async () => {
      const machine = answering(['tail'])
      machine.meanwhile.set('release', () => gone('west', true))
      world.links['east-west'].up = false
      expect(await machine.run()).toBe('done')
      expect(world.links['west-east'].table.debts?.owed).toEqual(['roles', 'tail', 'reverse'])
      expect(world.status('east-west')).toEqual({ mode: 'stopped', role: 'active', epoch: 0 })
    })
  })

  it('is not failed back to before that', async () => {
    gone('west', false)
    await failOver('east', 'first', { mode: 'unplanned' }).run()
    gone('west', true)
    const back = failOver('west', 'back', { mode: 'failback' })
    expect(await back.run()).toBe('rolled-back')
    expect(back.answers.get('validate')?.message).toContain('still owes')
    expect(world.status('east-west')).toEqual({ mode: 'stopped', role: 'standby', epoch: 1 }) // it stood down
  })

  it('promotes itself with no epoch that the other side may have', async () => {
    const dying = failOver('east', 'first')
    dying.meanwhile.set('switch', () => gone('east', false))
    expect(await dying.run().catch(() => 'died')).toBe('held')
    gone('east', false)
    expect(world.links['east-west'].table.lock.reserved).toBe(1)
    const forced = failOver('west', 'back', { mode: 'unplanned', force: true })
    await forced.run()
    expect(world.status('east-west')).toEqual({ mode: 'stopped', role: 'active', epoch: 2 })
    gone('east', true)
    expect(await failOver('west', 'once more').run()).toBe('rolled-back')
    expect(world.status('west-east')).toEqual({ mode: 'stopped', role: 'standby', epoch: 2 })
  })
})

describe('who may not begin', () => {
  const refusal = async (to: Side, changes: Partial<FailoverInput> = {}): Promise<string> => {
    const machine = failOver(to, 'refused', changes)
    const before = [world.status('west-east'), world.status('east-west')]
    expect(await machine.run()).toBe('rolled-back')
    expect([world.status('west-east'), world.status('east-west')]).toEqual(before)
    return machine.answers.get('validate')?.message ?? ''
  }

  it('goes where applications are already', async () => {
    expect(await refusal('west')).toContain('west is the active cluster already')
    await failOver('east', 'first').run()
    expect(await refusal('east')).toContain('east is the active cluster already')
  })

  it('goes along a link that nothing has begun', async () => {
    world.links['west-east'].state.status = { mode: 'stopped', role: 'standby', epoch: 0 }
    expect(await refusal('east')).toContain('no failover has begun it again')
  })

  it('scrapes what Kafka does not empty', async () => {
    world.clusters.east.topics.put('orders', { settings: { 'cleanup.policy': 'compact' } })
    expect(await refusal('east', { mode: 'unplanned', tail: 'scrape' })).toContain('only compacted (orders)')
  })

  it('scrapes where the other side writes already', async () => {
    world.links['east-west'].state.status = { mode: 'forwarding', role: 'standby', epoch: 0 }
    expect(await refusal('east', { mode: 'unplanned', tail: 'scrape' })).toContain('is forwarding already')
  })

  it('finds somebody else at it', async () => {
    const first = failOver('east', 'first')
    const other = failOver('east', 'other')
    let ending = ''
    first.meanwhile.set('stop', async () => {
      ending = await other.run()
    })
    expect(await first.run()).toBe('done')
    expect(ending).toBe('rolled-back')
    expect(other.answers.get('lock')?.message).toContain('is still running')
  })
})

describe('a drill', () => {
  const MUTATING = [
    'acquire',
    'close',
    'setStatus',
    'standDown',
    'owe',
    'settle',
    'record',
    'seal',
    'advance',
    'rewind',
  ]

  it.each([
    ['drilled', { mode: 'drill' }],
    ['done', { mode: 'planned', dryRun: true }],
  ] as const)('changes nothing but its own ledger and lock, nor does a dry run (%s)', async (ending, changes) => {
    const calls: string[] = []
    const watch = <Port extends object>(port: Port): Port =>
      intercepted(port, async (method, _args, call) => {
        calls.push(method)
        return await call()
      })
    expect(await failOver('east', 'drill', changes).run(watch)).toBe(ending)
    expect(calls.filter((method) => [...MUTATING, 'recordGap', 'enable', 'open'].includes(method))).toEqual(['acquire'])
    expect(world.links['east-west'].table.lock).toEqual({ reserved: 0 })
    expect(world.links['west-east'].table.lock).toEqual({ reserved: 0 })
    expect(world.status('west-east')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 0 })
  })

  it('takes a missed promotion into account, and leaves it to others to write it down', async () => {
    world.links['east-west'].state.status = { mode: 'stopped', role: 'active', epoch: 4 }
    world.links['west-east'].state.status = { mode: 'forwarding', role: 'active', epoch: 3 }
    const drill = failOver('east', 'drill', { mode: 'drill' })
    expect(await drill.repeat('validate')).toMatchObject({ outcome: 'done' })
    expect(world.status('west-east')).toEqual({ mode: 'forwarding', role: 'active', epoch: 3 })
    const meant = failOver('east', 'meant')
    expect(await meant.repeat('validate')).toMatchObject({ outcome: 'done' })
    expect(world.status('west-east')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 4 })
  })

  it('rests while its target is active, before it has taken the lock', async () => {
    await failOver('east', 'meant').run()
    const drill = failOver('east', 'drill', { mode: 'drill' })
    expect(await drill.call('validate')).toEqual({
      outcome: 'done',
      message: 'east is the active cluster: drills of a failover to it rest until west is',
      data: { rests: true },
    })
    expect((await failOver('west', 'back', { mode: 'drill' }).call('validate')).data).toBeUndefined()
    expect(world.links['west-east'].table.lock.holder).toBeUndefined()
  })

  it('gives way to who means it, and ends all the same', async () => {
    const drill = failOver('east', 'drill', { mode: 'drill' })
    drill.meanwhile.set('stop', () => failOver('east', 'meant').run())
    expect(await drill.run()).toBe('drilled')
    expect(world.status('west-east')).toEqual({ mode: 'stopped', role: 'active', epoch: 1 })
  })
})

describe('a failover that is undone', () => {
  it('owes nothing any more', async () => {
    const machine = failOver('east', 'one', { mode: 'unplanned' })
    const { table } = world.links['west-east']
    machine.meanwhile.set('prove', () =>
      table.owe(machine.arn, { execution: 'one', epoch: 1, tail: 'export', since: 0, owed: ['fence', 'tail'] }),
    )
    machine.refusing.add('drain')
    expect(await machine.run()).toBe('rolled-back')
    expect(table.debts).toBeUndefined()
  })

  it('leaves a link paused that was', async () => {
    const { mappings, state } = world.links['west-east']
    state.status = { mode: 'paused', role: 'standby', epoch: 0 }
    for (const [id, mapping] of mappings.mappings) mappings.mappings.set(id, { ...mapping, state: 'Disabled' })
    const machine = failOver('east', 'one')
    machine.refusing.add('boundary')
    expect(await machine.run()).toBe('rolled-back')
    expect(world.status('west-east')).toEqual({ mode: 'paused', role: 'standby', epoch: 0 })
    expect(machine.answers.get('stop')?.outcome).toBe('done')
    expect(mappings.changes).toEqual([])
  })
})

describe('the epoch', () => {
  const { epochOf, dies } = {
    epochOf: (name: string) => world.links['west-east'].table.executions.get(name)?.get('lock')?.data['epoch'],
    /** Dies after it took the lock. */
    dies: <Port extends object>(port: Port): Port =>
      intercepted(port, async (method, _args, call) => {
        const result = await call()
        if (method === 'acquire') throw new Error('killed')
        return result
      }),
  }

  it('is not reserved twice by who died after taking the lock, while the other side is silent', async () => {
    world.links['east-west'].up = false
    const machine = failOver('east', 'one', { mode: 'unplanned' })
    await machine.repeat('validate')
    await expect(machine.repeat('lock', dies)).rejects.toThrow('killed')
    await machine.repeat('lock')
    expect(epochOf('one')).toBe(1)
  })

  it('is above what a failover of the other side has reserved, while that is silent', async () => {
    world.links['west-east'].table.lock = { reserved: 6 }
    world.links['east-west'].up = false
    await failOver('east', 'one', { mode: 'unplanned' }).run()
    expect(epochOf('one')).toBe(7)
  })

  it('follows the promotions alone, where both sides tell theirs', async () => {
    world.links['west-east'].table.lock = { reserved: 6 }
    await failOver('east', 'one').run()
    expect(epochOf('one')).toBe(1)
  })
})

describe('a failover that is undone', () => {
  const openedBy = async (machine: FailoverMachine) => {
    const opened: unknown[] = []
    const listening = <Port extends object>(port: Port): Port =>
      intercepted(port, async (method, [side], call) => {
        if (method === 'open') opened.push(side)
        return await call()
      })
    for (const step of ['validate', 'lock', 'preflight'] as const) await machine.repeat(step)
    expect((await machine.repeat('rollback', listening)).outcome).toBe('done')
    return opened
  }

  it('lifts no fence before any can have been begun: a region that is gone would never answer', async () => {
    const machine = failOver('east', 'one', { mode: 'unplanned' })
    machine.found = { ...machine.found, passed: false }
    expect(await openedBy(machine)).toEqual([])
  })

  it.each([
    ['was refused since nobody can read what was looked at', 'a text', []],
    ['has refused by itself', undefined, ['from']],
  ])('lifts what a fence may have left that %s', async (_why, report, expected) => {
    const machine = failOver('east', 'one', { mode: 'unplanned' })
    for (const step of ['validate', 'lock', 'preflight', 'approve'] as const) await machine.repeat(step)
    const answered = { ...FOUND, needsApproval: false }
    if (report !== undefined)
      await world.links['west-east'].table.remember('one', {
        ...{ ...SINCE, step: 'preflight', outcome: 'done', answered },
        data: { report },
      })
    else machine.refusing.add('fence')
    expect((await machine.repeat('fence')).outcome).toBe('refused')
    expect(await openedBy(machine)).toEqual(expected)
  })

  it('lifts the fence of a function that died before it could note that there is one', async () => {
    expect(await openedBy(failOver('east', 'one', { mode: 'unplanned' }))).toEqual(['from'])
  })

  const PLACED = Array.from({ length: 25 }, (_, at) => ({ group: `g${at}`, ...ORDERS, offset: '0' }))
  const EARLIEST = { positions: { kind: 'earliest' } } as const
  const FIRST = Array.from({ length: 20 }, (_, at) => `g${at}`).join(', ')
  const REMEDY =
    'delete its offsets on east while it has no members there (kafka-consumer-groups --delete-offsets), and the next pass of west-east puts it where it is on west'

  it.each([
    [
      'that were placed',
      EARLIEST,
      { data: { placed: PLACED, groups: 30 } },
      `on east 30 groups stay where they were placed: ${FIRST}, ….`,
    ],
    ['of which nobody knows whether they were placed', EARLIEST, {}, 'on east which groups were placed is not known'],
    ['of which none was placed', EARLIEST, { data: { placed: [], groups: 0 } }, undefined],
    ['before they were to be placed', EARLIEST, { outcome: 'refused', calls: 0 }, undefined],
    ['before anything was promoted', EARLIEST, undefined, undefined],
    ['that were to be where they were', {}, {}, undefined],
  ] as const)('tells of groups %s', async (_which, changes, promotion, told) => {
    const machine = failOver('east', 'one', changes)
    for (const step of ['validate', 'lock', 'preflight'] as const) await machine.repeat(step)
    if (promotion !== undefined)
      await world.links['west-east'].table.remember('one', {
        ...{ ...SINCE, attempt: 1, step: 'promote', outcome: 'again' },
        ...promotion,
      })
    const { outcome, message } = await machine.repeat('rollback')
    expect(outcome).toBe('done')
    if (told === undefined) expect(message).not.toContain('placed')
    else expect(message).toContain(`; ${told}`)
    expect(message.includes(REMEDY)).toBe(told !== undefined)
  })

  /** Its function has fenced, and dies before it says so. */
  const killed = <Port extends object>(port: Port): Port =>
    intercepted(port, async (method, _args, call) => {
      if (method === 'remember' && world.clusters.west.fenced) throw new Error('killed')
      return await call()
    })

  const SINCE = { startedAt: 0, endedAt: 0, calls: 1, attempt: 2, message: '', data: {} }
  const FOUND = { hash: 'another', passed: true, needsApproval: false }

  it.each([
    ['says no', { ...FOUND, passed: false }],
    ['has to be approved', { ...FOUND, needsApproval: true }],
    ['cannot be read', FOUND],
  ])('lifts what a fence was begun for, although a preflight since then %s', async (_what, answered) => {
    for (const dies of [true, false]) {
      world = new FailoverWorld()
      const machine = failOver('east', 'one')
      for (const step of ['validate', 'lock', 'preflight', 'approve'] as const) await machine.repeat(step)
      const fencing = machine.call('fence', dies ? killed : undefined)
      if (dies) await expect(fencing).rejects.toThrow('killed')
      else await fencing
      expect(world.isWritable('west')).toBe(false)
      const { table } = world.links['west-east']
      await table.remember('one', { ...SINCE, step: 'preflight', outcome: 'done', answered })
      expect((await machine.call('stop')).outcome).toBe('refused')
      expect((await machine.repeat('rollback')).outcome).toBe('done')
      expect([world.isWritable('west'), world.isWritable('east')]).toEqual([true, false])
    }
  })
})

describe('a step that comes late', () => {
  const PUT_BACK: LinkStatus = { mode: 'forwarding', role: 'standby', epoch: 0 }

  /** A failover that is undone; at one call of its rollback, what was on its way arrives. */
  const late = async (step: 'stop' | 'promote', at: number) => {
    const machine = failOver('east', 'one')
    for (const done of [
      'validate',
      'lock',
      'preflight',
      'approve',
      'fence',
      'prove',
      'drain',
      'groups',
      'stop',
      'boundary',
    ] as const)
      if (done !== step) await machine.repeat(done)
    let calls = 0
    let arrives: Promise<unknown> = Promise.resolve()
    const between = <Port extends object>(port: Port): Port =>
      intercepted(port, async (_method, _args, call) => {
        if (++calls === at) arrives = machine.call(step)
        await arrives
        return await call()
      })
    const undone = await machine.repeat('rollback', between)
    if (undone.outcome === 'done') await machine.repeat('release', between)
    await machine.call(step)
    return { machine, undone, calls }
  }

  it('promotes, or is undone, whenever it arrives: never both', async () => {
    const outcomes = new Set<string>()
    for (let at = 1, total = 1; at <= total; at++) {
      world = new FailoverWorld()
      const { undone, calls } = await late('promote', at)
      total = calls
      const promoted = world.status('west-east').role === 'active'
      outcomes.add(`${undone.outcome} ${promoted}`)
      expect(undone.outcome).toBe(promoted ? 'refused' : 'done')
      if (promoted) {
        expect(undone.data).toEqual({ promoted: true })
        expect(world.links['west-east'].table.lock.holder?.phase).toBe('acting')
      }
      if (!promoted) expect(world.status('west-east')).toEqual(PUT_BACK)
      expect(world.isWritable('west') && world.isWritable('east')).toBe(false)
    }
    expect([...outcomes].sort()).toEqual(['done false', 'refused true'])
  })

  it('stops nothing that was put back', async () => {
    for (let at = 1, total = 1; at <= total; at++) {
      world = new FailoverWorld()
      const { undone, calls } = await late('stop', at)
      total = calls
      expect(undone.outcome).toBe('done')
      expect(world.status('west-east')).toEqual(PUT_BACK)
    }
  })

  it('turns nothing around that has begun since', async () => {
    const machine = failOver('east', 'one')
    for (const step of FAILOVER_STEPS.slice(0, FAILOVER_STEPS.indexOf('reverse')))
      if (step !== 'gate') await machine.repeat(step)
    const meanwhile = <Port extends object>(port: Port): Port =>
      intercepted(port, async (method, _args, call) => {
        if (method === 'edges') {
          await machine.repeat('reverse')
          world.write('east', 3)
          await world.drain('east-west')
        }
        return await call()
      })
    await machine.call('reverse', meanwhile)
    const { state } = world.links['west-east']
    expect(state.head(ORDERS)?.nextSource).toBe(15n)
    expect(await state.gaps(ORDERS)).toEqual([])
    expect(world.values('west')).toEqual(world.values('east'))
    expect(world.links['east-west'].state.head(ORDERS)).toMatchObject({ nextSource: 18n, nextTarget: 18n })
  })

  it('goes on after a promotion that was on its way while it was to be undone', async () => {
    const { machine, undone } = await late('promote', 3)
    expect(undone.outcome).toBe('refused')
    for (const step of ['switch', 'verify', 'reverse', 'report', 'release'] as const)
      expect(await machine.repeat(step)).toMatchObject({ outcome: 'done' })
    expect(world.status('east-west')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 1 })
  })
})
