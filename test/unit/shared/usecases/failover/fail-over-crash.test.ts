import { describe, expect, it } from 'vitest'
import type { FailoverInput } from '../../../../../shared/domain/failover/failover-input.ts'
import type { FailoverStep } from '../../../../../shared/domain/failover/failover-step.ts'
import { FailoverMachine, type Wrap } from '../../../../support/failover-machine.ts'
import { FailoverWorld, OTHER, type Side, wayTo } from '../../../../support/failover-world.ts'
import { intercepted } from '../../../../support/intercepted-port.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'

const startWorld = async (): Promise<FailoverWorld> => {
  const world = new FailoverWorld()
  world.write('west', 10)
  await world.drain('west-east')
  world.write('west', 5)
  return world
}

/** Looks before and after every call of every port: never may applications write to both sides. */
const watched =
  (world: FailoverWorld): Wrap =>
  (port) =>
    intercepted(port, async (_method, _args, call) => {
      expect(world.isWritable('west') && world.isWritable('east')).toBe(false)
      const result = await call()
      expect(world.isWritable('west') && world.isWritable('east')).toBe(false)
      return result
    })

const isKilled = (error: unknown): boolean => error instanceof Error && error.message === 'killed'

/** What it comes to: all but times, ids and who had the lock. */
const endOf = (world: FailoverWorld) => ({
  roles: [world.status('west-east'), world.status('east-west')],
  locks: (['west-east', 'east-west'] as const).map((way) => world.links[way].table.lock.holder),
  debts: (['west-east', 'east-west'] as const).map((way) => world.links[way].table.debts),
  writable: [world.isWritable('west'), world.isWritable('east')],
  heads: (['west-east', 'east-west'] as const).map((way) => {
    const head = world.links[way].state.head({ topic: 'orders', partition: 0 })
    return head && { ...head, incarnation: 'any', updatedAt: 0 }
  }),
  pollers: [...world.links['east-west'].positions.positions.values()].map((offsets) => Object.fromEntries(offsets)),
  mappings: (['west-east', 'east-west'] as const).map((way) =>
    [...world.links[way].mappings.mappings.values()].map(({ state }) => state),
  ),
})

interface Played {
  readonly to: Side
  readonly changes: Partial<FailoverInput>
  readonly refusing: readonly Exclude<FailoverStep, 'gate'>[]
}

const machineOf = (world: FailoverWorld, { to, changes, refusing }: Played): FailoverMachine => {
  const machine = new FailoverMachine(world, to, 'one', changes)
  for (const step of refusing) machine.refusing.add(step)
  return machine
}

/** The state machine calls a step that died once more; then everything goes on. */
const playKilled = async (played: Played, killer: Killer) => {
  const world = await startWorld()
  const watch = watched(world)
  const machine = machineOf(world, played)
  const wrap: Wrap = (port) => watch(killer.wrap(port))
  let ending = await machine.run(wrap).catch((error: unknown) => {
    if (!isKilled(error)) throw error
    return undefined
  })
  ending ??= await machineOf(world, played).run(watch)
  for (const { mappings } of Object.values(world.links)) await mappings.settle()
  return { world, ending }
}

const PLAYED: readonly (readonly [string, string, Played])[] = [
  ['planned', 'done', { to: 'east', changes: {}, refusing: [] }],
  ['unplanned', 'done', { to: 'east', changes: { mode: 'unplanned' }, refusing: [] }],
  ['undone before the fence', 'rolled-back', { to: 'east', changes: {}, refusing: ['preflight'] }],
  ['undone before the promotion', 'rolled-back', { to: 'east', changes: {}, refusing: ['boundary'] }],
  ['held after the promotion', 'held', { to: 'east', changes: {}, refusing: ['verify'] }],
  ['a drill', 'drilled', { to: 'east', changes: { mode: 'drill' }, refusing: [] }],
]

describe.each(PLAYED)('a failover, %s, that is killed at any call of any port', async (_name, ending, played) => {
  const counter = new Killer(0, 'before')
  const undisturbed = await playKilled(played, counter)

  it('would end as it should', () => {
    expect(undisturbed.ending).toBe(ending)
    expect(endOf(undisturbed.world).locks).toEqual([undefined, undefined])
    expect(counter.calls).toBeGreaterThan(10)
  })

  it.each(killPoints(counter))(
    'call %i, %s its effect: comes to the same once it is called again',
    async (at, when) => {
      const killer = new Killer(at, when)
      const { world, ending: reached } = await playKilled(played, killer)
      expect(killer.hasKilled).toBe(true)
      expect(reached).toBe(ending)
      expect(endOf(world)).toEqual(endOf(undisturbed.world))
    },
  )
})

describe('a failover that dies for good at any call of any port', async () => {
  const planned = PLAYED[0]?.[2] ?? { to: 'east', changes: {}, refusing: [] }
  const counter = new Killer(0, 'before')
  await playKilled(planned, counter)

  it.each(killPoints(counter))(
    'call %i, %s its effect: another one takes over, or nobody needs to, and the pair ends with one side active',
    async (at, when) => {
      const world = await startWorld()
      const watch = watched(world)
      const died = machineOf(world, planned)
      const killer = new Killer(at, when)
      await died.run((port) => watch(killer.wrap(port))).catch(() => undefined)
      const ended = await new FailoverMachine(world, 'east', 'two').run(watch)
      const promotedBefore = ended === 'rolled-back'
      const status = world.status('west-east')
      expect(status).toMatchObject({ role: 'active', epoch: 1 })
      if (promotedBefore) expect(await died.run(watch)).toBe('done') // redriven
      expect(world.status('west-east')).toEqual({ mode: 'stopped', role: 'active', epoch: 1 })
      expect(world.status('east-west')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 1 })
      await new FailoverMachine(world, 'west', 'back').run(watch)
      expect(world.status('east-west')).toEqual({ mode: 'stopped', role: 'active', epoch: 2 })
      world.write('west', 3)
      await world.drain('west-east')
      expect(world.values('east')).toEqual(world.values('west'))
      expect(new Set(world.values('west')).size).toBe(18)
    },
  )
})

describe('a step that runs beside itself, at any call of any port', async () => {
  const counter = new Killer(0, 'before')
  const { world: undisturbed } = await playKilled(PLAYED[0]?.[2] ?? { to: 'east', changes: {}, refusing: [] }, counter)
  const places = Array.from({ length: counter.calls }, (_, at) => at + 1)

  it.each(places)('call %i: both come to the same', async (at) => {
    const world = await startWorld()
    const watch = watched(world)
    const machine = new FailoverMachine(world, 'east', 'one')
    let calls = 0
    const beside: Wrap = (port) =>
      intercepted(port, async (_method, _args, call) => {
        if (++calls === at && machine.calling !== undefined) await machine.call(machine.calling, watch)
        return await call()
      })
    expect(await machine.run((port) => watch(beside(port)))).toBe('done')
    for (const { mappings } of Object.values(world.links)) await mappings.settle()
    expect(endOf(world)).toEqual(endOf(undisturbed))
  })
})

describe('two failovers at once, at any call of any port', async () => {
  const counter = new Killer(0, 'before')
  await playKilled(PLAYED[0]?.[2] ?? { to: 'east', changes: {}, refusing: [] }, counter)
  const places = Array.from({ length: counter.calls }, (_, at) => at + 1)

  it.each(places.flatMap((at) => (['east', 'west'] as const).map((to) => [at, to] as const)))(
    'call %i, the other one to %s: one of them wins, the other changes nothing',
    async (at, to) => {
      const world = await startWorld()
      const watch = watched(world)
      const endings: string[] = []
      let calls = 0
      const beside: Wrap = (port) =>
        intercepted(port, async (_method, _args, call) => {
          if (++calls === at) endings.push(await new FailoverMachine(world, to, 'other').run(watch))
          return await call()
        })
      endings.push(await new FailoverMachine(world, 'east', 'one').run((port) => watch(beside(port))))
      const epoch = Math.max(world.status('west-east').epoch, world.status('east-west').epoch)
      expect(endings.filter((ending) => ending === 'done')).toHaveLength(epoch)
      expect(endings.filter((ending) => ending === 'held')).toEqual([])
      const active: Side = world.status('west-east').role === 'active' ? 'east' : 'west'
      expect(world.status(wayTo(OTHER[active]))).toEqual({ mode: 'forwarding', role: 'standby', epoch })
      expect(world.isWritable(active)).toBe(true)
      expect(world.links['west-east'].table.lock.holder).toBeUndefined()
      expect(world.links['east-west'].table.lock.holder).toBeUndefined()
    },
  )
})
