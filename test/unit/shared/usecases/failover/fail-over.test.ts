import { describe, expect, it } from 'vitest'
import { FailoverMachine } from '../../../../support/failover-machine.ts'
import { FailoverWorld } from '../../../../support/failover-world.ts'

const ACTIVE = 'active'

describe('a planned failover, and back', () => {
  it('changes roles, one epoch a promotion, and replicates the other way from the boundary on', async () => {
    const world = new FailoverWorld()
    world.write('west', 10)
    await world.drain('west-east')
    world.write('west', 5)
    expect(await new FailoverMachine(world, 'east', 'first').run()).toBe('done')
    expect(world.status('west-east')).toEqual({ mode: 'stopped', role: ACTIVE, epoch: 1 })
    expect(world.status('east-west')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 1 })
    expect([world.isWritable('west'), world.isWritable('east')]).toEqual([false, true])
    expect(world.values('east')).toEqual(world.values('west'))
    world.write('east', 7)
    await world.drain('east-west')
    expect(world.values('west')).toEqual(world.values('east'))
    expect(world.values('west')).toHaveLength(22)

    expect(await new FailoverMachine(world, 'west', 'back', { mode: 'failback' }).run()).toBe('done')
    expect(world.status('east-west')).toEqual({ mode: 'stopped', role: ACTIVE, epoch: 2 })
    expect(world.status('west-east')).toEqual({ mode: 'forwarding', role: 'standby', epoch: 2 })
    world.write('west', 3)
    await world.drain('west-east')
    expect(world.values('east')).toEqual(world.values('west'))
    expect(world.values('west')).toHaveLength(25)
  })
})
