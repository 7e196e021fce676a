import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { FailoverMachine } from '../../../../support/failover-machine.ts'
import { FailoverWorld } from '../../../../support/failover-world.ts'
import { intercepted } from '../../../../support/intercepted-port.ts'

const BEFORE = ['validate', 'lock', 'preflight', 'approve', 'fence', 'prove', 'drain', 'groups'] as const
const TIMEOUT_MS = 10_000

let world: FailoverWorld
let machine: FailoverMachine

beforeEach(async () => {
  world = new FailoverWorld()
  world.write('west', 3)
  machine = new FailoverMachine(world, 'east', 'one')
  for (const step of BEFORE) await machine.repeat(step)
})

const states = () => [...world.links['west-east'].mappings.mappings.values()].map(({ state }) => state)

describe('stopping a link', () => {
  it('ends with its pollers disabled, once invocations that began before have timed out', async () => {
    const before = world.now
    expect(await machine.repeat('stop')).toMatchObject({ outcome: 'done' })
    expect(world.status('west-east')).toEqual({ mode: 'stopped', role: 'standby', epoch: 0 })
    expect(states()).toEqual(['Disabled'])
    expect(world.now - before).toBeGreaterThanOrEqual(TIMEOUT_MS)
    world.clusters.west.fenced = false
    world.write('west', 1)
    await expect(world.deliver('west-east')).rejects.toThrow('LINK_NOT_FORWARDING')
  })

  it('is called again while a function with a long timeout may still be running', async () => {
    world = new FailoverWorld({ functionTimeoutMs: 60_000 })
    machine = new FailoverMachine(world, 'east', 'one')
    for (const step of BEFORE) await machine.repeat(step)
    const before = world.now
    expect(await machine.call('stop')).toMatchObject({ outcome: 'again', message: expect.stringContaining('running') })
    expect(await machine.repeat('stop')).toMatchObject({ outcome: 'done' })
    expect(world.now - before).toBeGreaterThanOrEqual(60_000)
  })

  it.each([
    ['earliest', 55_000],
    ['mapped', TIMEOUT_MS],
  ] as const)('outlasts passes over the groups where somebody chose where these go: %s', async (kind, atLeastMs) => {
    world = new FailoverWorld()
    machine = new FailoverMachine(world, 'east', 'one', { positions: { kind } })
    for (const step of BEFORE) await machine.repeat(step)
    const before = world.now
    expect(await machine.repeat('stop')).toMatchObject({ outcome: 'done' })
    expect(world.now - before).toBeGreaterThanOrEqual(atLeastMs)
    expect(world.now - before).toBeLessThan(atLeastMs + 10_000)
  })

  it('waits for the pollers however long they take', async () => {
    const { mappings } = world.links['west-east']
    const settle = mappings.settle.bind(mappings)
    mappings.settle = async () => undefined
    const impatient = <Port extends object>(port: Port): Port =>
      intercepted(port, async (method, _args, call) => (method === 'enable' ? 'Disabling' : await call()))
    world.impatient = true
    expect(await machine.call('stop', impatient)).toMatchObject({
      outcome: 'again',
      message: expect.stringContaining('1 '),
    })
    world.impatient = false
    mappings.settle = settle
    expect(await machine.repeat('stop')).toMatchObject({ outcome: 'done' })
  })

  it('counts the time of invocations from when the link was stopped, whatever its pollers say meanwhile', async () => {
    const silent = <Port extends object>(port: Port): Port =>
      intercepted(port, async (method, _args, call) => {
        if (method === 'enable') throw new ReplicationError('MAPPINGS_UNREACHABLE', 'disabling a mapping')
        return await call()
      })
    expect(await machine.call('stop', silent)).toMatchObject({
      outcome: 'again',
      message: expect.stringContaining('disabling'),
    })
    world.now += TIMEOUT_MS
    const before = world.now
    expect(await machine.call('stop')).toMatchObject({ outcome: 'done' })
    expect(world.now - before).toBeLessThan(TIMEOUT_MS / 2)
  })

  it('waits while a checkpoint still moves', async () => {
    const { state } = world.links['west-east']
    const id = { topic: 'orders', partition: 0 }
    let moves = 2
    const moving = <Port extends object>(port: Port): Port =>
      intercepted(port, async (method, args, call) => {
        const head = state.head(id)
        const isLook = method === 'read' && Array.isArray(args[0]) && args[0].length > 0
        if (isLook && head !== undefined && moves-- > 0)
          await state.advance(id, head, { ...head, nextSource: head.nextSource + 1n })
        return await call()
      })
    expect(await machine.call('stop', moving)).toMatchObject({
      outcome: 'again',
      message: expect.stringContaining('moved'),
    })
    expect(await machine.call('stop', moving)).toMatchObject({ outcome: 'done' })
  })

  it.each([
    ['is the active one', { mode: 'stopped', role: 'active', epoch: 0 } as const],
    ['is in a later epoch', { mode: 'forwarding', role: 'standby', epoch: 1 } as const],
  ])('is refused when its target %s by now', async (_what, status) => {
    world.links['west-east'].state.status = status
    expect(await machine.call('stop')).toMatchObject({ outcome: 'refused' })
    expect(world.status('west-east')).toEqual(status)
    expect(states()).toEqual(['Enabled'])
  })

  it('is refused when the lock is not ours any more', async () => {
    world.links['west-east'].table.lock = { reserved: 1 }
    expect(await machine.call('stop')).toMatchObject({ outcome: 'refused', message: expect.stringContaining('lock') })
    expect(states()).toEqual(['Enabled'])
  })
})

describe('the boundary', () => {
  it('is recorded only of a link that is stopped', async () => {
    await machine.repeat('stop')
    world.links['west-east'].state.status = { mode: 'forwarding', role: 'standby', epoch: 0 }
    expect(await machine.call('boundary')).toMatchObject({ outcome: 'refused' })
    expect(await world.links['west-east'].table.topics('one')).toEqual([])
  })

  it('names both ends, and how far the link had got', async () => {
    await machine.repeat('stop')
    await machine.repeat('boundary')
    const [orders] = await world.links['west-east'].table.topics('one')
    expect(orders?.points.get(0)).toEqual({ sourceEnd: 3n, targetEnd: 3n, replicated: { source: 3n, target: 3n } })
  })

  it('waits for a source that does not answer, unless it is failed over from for that', async () => {
    await machine.repeat('stop')
    world.clusters.west.up = false
    expect(await machine.call('boundary')).toMatchObject({ outcome: 'again' })
    const unplanned = new FailoverMachine(world, 'east', 'one', { mode: 'unplanned' })
    expect(await unplanned.call('boundary')).toMatchObject({ outcome: 'done' })
    const [orders] = await world.links['west-east'].table.topics('one')
    expect(orders?.points.get(0)).toEqual({ targetEnd: 3n, replicated: { source: 3n, target: 3n } })
  })
})

describe('the promotion', () => {
  beforeEach(async () => {
    for (const step of ['stop', 'boundary'] as const) await machine.repeat(step)
  })

  it.each([
    ['forwards', { mode: 'forwarding', role: 'standby', epoch: 0 } as const],
    ['is paused', { mode: 'paused', role: 'standby', epoch: 0 } as const],
    ['is in a later epoch', { mode: 'stopped', role: 'standby', epoch: 1 } as const],
    ['was promoted by somebody else', { mode: 'stopped', role: 'active', epoch: 7 } as const],
  ])('is refused while the link %s', async (_what, status) => {
    world.links['west-east'].state.status = status
    expect(await machine.call('promote')).toMatchObject({ outcome: 'refused' })
    expect(world.status('west-east')).toEqual(status)
    expect(world.isWritable('east')).toBe(false)
  })
})
