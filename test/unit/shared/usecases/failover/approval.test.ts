import { beforeEach, describe, expect, it } from 'vitest'
import { FailoverMachine } from '../../../../support/failover-machine.ts'
import { FailoverWorld } from '../../../../support/failover-world.ts'

const UNTIL_APPROVAL = ['validate', 'lock', 'preflight'] as const
const UNTIL_PROMOTION = ['fence', 'prove', 'drain', 'groups', 'stop', 'boundary'] as const

let world: FailoverWorld
let machine: FailoverMachine

/** Somebody was asked, and has not answered yet. */
beforeEach(async () => {
  world = new FailoverWorld()
  world.write('west', 3)
  machine = new FailoverMachine(world, 'east', 'one')
  machine.found = { hash: 'h', passed: true, needsApproval: true }
  for (const step of UNTIL_APPROVAL) await machine.call(step)
})

const approve = (hash: string) => machine.call('approve', undefined, { hash, by: 'anna' })

describe('an approval', () => {
  it('lets a failover go on, and is written down once', async () => {
    const answer = { outcome: 'done', message: 'anna has approved h', data: { hash: 'h' } }
    expect(await approve('h')).toEqual(answer)
    expect(await machine.call('approve', undefined, { hash: 'x', by: 'late' })).toEqual(answer)
    for (const step of [...UNTIL_PROMOTION, 'promote'] as const)
      expect([step, (await machine.repeat(step)).outcome]).toEqual([step, 'done'])
    expect(world.status('west-east').role).toBe('active')
  })

  it.each(['fence', 'groups', 'stop', 'promote'] as const)('is what %s looks for, whoever calls it', async (step) => {
    const { table } = world.links['west-east']
    for (const done of UNTIL_PROMOTION) {
      const times = { startedAt: 0, endedAt: 0, calls: 1 }
      if (done !== step)
        await table.remember('one', { step: done, attempt: 1, outcome: 'done', message: '', ...times, data: {} })
    }
    expect(await machine.call(step)).toMatchObject({ outcome: 'refused', message: expect.stringContaining('approved') })
    expect(world.status('west-east')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 0 })
    expect(world.isWritable('west')).toBe(true)
  })

  it('of something else is none', async () => {
    expect(await approve('of yesterday')).toMatchObject({
      outcome: 'refused',
      message: 'anna has approved of yesterday, and the latest preflight is h',
    })
    expect((await machine.call('fence')).outcome).toBe('refused')
  })

  it('is none of a preflight that was made after it', async () => {
    await approve('h')
    await world.links['west-east'].table.remember('one', {
      ...{ step: 'preflight', attempt: 2, outcome: 'done', message: '', startedAt: 0, endedAt: 0, calls: 1, data: {} },
      answered: { hash: 'another', passed: true, needsApproval: true },
    })
    expect((await machine.call('fence')).outcome).toBe('refused')
  })

  it('is that of one execution', async () => {
    await approve('h')
    const other = new FailoverMachine(world, 'east', 'two')
    expect(await other.call('promote')).toMatchObject({ outcome: 'refused' })
    expect(world.status('west-east').role).toBe('standby')
  })
})
