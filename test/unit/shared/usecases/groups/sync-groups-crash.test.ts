import { describe, expect, it } from 'vitest'
import type { SyncGroupsDeps } from '../../../../../shared/usecases/groups/sync-groups.ts'
import { intercepted } from '../../../../support/intercepted-port.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'
import { GroupWorld } from '../../../../support/sync-groups-world.ts'

const HERE = { topic: 'orders', partition: 0 }
const THERE = { topic: 'west.orders', partition: 0 }
const GROUPS = ['ahead', 'behind', 'equal', 'new', 'rewound', 'set-back']

/** Something of every kind to do: a new group, one to go on, one that was rewound, one that is an echo. */
const startWorld = async (): Promise<GroupWorld> => {
  const world = new GroupWorld({ links: { followRewinds: true } })
  world.write('east', THERE, 3)
  world.write('west', HERE, 100)
  await world.replicate('west-east', HERE)
  for (const group of ['behind', 'equal', 'rewound']) world.commit('west', group, HERE, 50n)
  await world.pass()
  world.commit('west', 'ahead', HERE, 120n)
  world.commit('west', 'behind', HERE, 60n)
  world.commit('west', 'new', HERE, 7n)
  world.commit('west', 'rewound', HERE, 20n)
  world.commit('east', 'set-back', THERE, 90n)
  await world.pass('east-west')
  world.commit('east', 'set-back', THERE, 10n)
  return world
}

const wrapped = (deps: SyncGroupsDeps, wrap: <Port extends object>(port: Port) => Port): SyncGroupsDeps => ({
  ...deps,
  source: wrap(deps.source),
  target: wrap(deps.target),
  sourceTopics: wrap(deps.sourceTopics),
  targetTopics: wrap(deps.targetTopics),
  targetLog: wrap(deps.targetLog),
  memory: { topics: wrap(deps.memory.topics), groups: wrap(deps.memory.groups), map: wrap(deps.memory.map) },
})

const positionsOf = (world: GroupWorld) =>
  Object.fromEntries(GROUPS.map((group) => [group, world.position('east', group, THERE)]))

const WANTED = { ahead: 103n, behind: 63n, equal: 53n, new: 10n, rewound: 23n, 'set-back': 10n }

const passKilled = async (world: GroupWorld, killer: Killer): Promise<void> => {
  await world
    .pass(
      'west-east',
      wrapped(world.depsOf('west-east'), (port) => killer.wrap(port)),
    )
    .catch((error: unknown) => {
      if (!(error instanceof Error) || error.message !== 'killed') throw error
    })
}

/** Each time in another world. */
const countCalls = async (): Promise<Killer> => {
  const counter = new Killer(0, 'before')
  await passKilled(await startWorld(), counter)
  return counter
}

describe('a pass that is killed at any call of any port', async () => {
  const points = killPoints(await countCalls())

  it('would have come to what is wanted', async () => {
    const world = await startWorld()
    await world.pass()
    expect(positionsOf(world)).toEqual(WANTED)
    expect(points.length).toBeGreaterThan(20)
  })

  it.each(points)(
    'call %i, %s its effect: the next pass comes to the same, and the one after rests',
    async (at, when) => {
      const world = await startWorld()
      const killer = new Killer(at, when)
      await passKilled(world, killer)
      expect(killer.hasKilled).toBe(true)
      await world.pass()
      expect(positionsOf(world)).toEqual(WANTED)
      expect((await world.pass()).positionsMoved).toBe(0)
    },
  )

  it.each(points)('call %i, %s its effect: a rewind arrives although the group goes on reading', async (at, when) => {
    const world = await startWorld()
    await passKilled(world, new Killer(at, when))
    world.commit('west', 'rewound', HERE, 30n)
    await world.pass()
    expect(world.position('east', 'rewound', THERE)).toBe(33n)
  })
})

/** Runs `meanwhile` before one call of any port. */
const interrupted = (deps: SyncGroupsDeps, at: number, meanwhile: () => Promise<unknown>): SyncGroupsDeps => {
  let calls = 0
  return wrapped(deps, (port) =>
    intercepted(port, async (_method, _args, call) => {
      if (++calls === at) await meanwhile()
      return await call()
    }),
  )
}

describe('a pass with another one in between, at any call', async () => {
  const { calls } = await countCalls()
  const places = Array.from({ length: calls }, (_, at) => at + 1)

  it.each(places)('call %i: both come to what is wanted', async (at) => {
    const world = await startWorld()
    const meanwhile = () => world.pass()
    await world.pass('west-east', interrupted(world.depsOf('west-east'), at, meanwhile))
    expect(positionsOf(world)).toEqual(WANTED)
    expect((await world.pass()).positionsMoved).toBe(0)
  })

  it.each(places)('call %i: what it looked at is old by then, and the next one comes to what is wanted', async (at) => {
    const world = await startWorld()
    const meanwhile = async () => {
      world.commit('west', 'behind', HERE, 80n)
      world.commit('west', 'rewound', HERE, 10n)
      await world.pass()
    }
    await world.pass('west-east', interrupted(world.depsOf('west-east'), at, meanwhile))
    await world.pass()
    expect(positionsOf(world)).toEqual({ ...WANTED, behind: 83n, rewound: 13n })
  })

  it.each(places)('call %i: a group that joins meanwhile is moved no more', async (at) => {
    const world = await startWorld()
    const before = positionsOf(world)
    const changes = world.clusters.east.groups.changes.length
    const join = async () => {
      for (const group of GROUPS) world.clusters.east.groups.join(group)
      world.clusters.east.groups.changes.splice(0)
    }
    await world.pass('west-east', interrupted(world.depsOf('west-east'), at, join))
    expect(world.clusters.east.groups.changes).toEqual([])
    expect(positionsOf(world)).toEqual(before)
    expect(changes).toBeGreaterThan(0)
  })

  it.each(places)('call %i: what a group reads on the target meanwhile is not taken from it', async (at) => {
    const world = await startWorld()
    const read = async () => {
      world.commit('east', 'behind', THERE, 95n)
      world.commit('east', 'new', THERE, 95n)
    }
    await world.pass('west-east', interrupted(world.depsOf('west-east'), at, read))
    const stands = at === calls ? [63n, 10n] : [95n, 95n] // before the very commit nobody can look any more
    expect([world.position('east', 'behind', THERE), world.position('east', 'new', THERE)]).toEqual(stands)
  })
})
