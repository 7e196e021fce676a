import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { HEARTBEAT_TOPIC } from '../../../../../shared/domain/heartbeat/beat.ts'
import { groups } from '../../../../../shared/usecases/failover/groups.ts'
import { verify } from '../../../../../shared/usecases/failover/verify.ts'
import { EPOCH, FailoverDataWorld } from '../../../../support/failover-data-world.ts'

const ORDERS = { topic: 'orders', partition: 0 }

let there: FailoverDataWorld
beforeEach(async () => {
  there = new FailoverDataWorld()
  there.world.write('west', ORDERS, 10)
  await there.world.replicate('west-east', ORDERS)
  there.world.commit('west', 'billing', ORDERS, 7)
  const { facts = {} } = await there.run(groups)
  there.remember('groups', facts)
  there.forward = { mode: 'stopped', role: 'active', epoch: EPOCH }
  bound('orders', 10n)
})

const bound = (topic: string, sourceEnd: bigint): void => {
  const points = new Map([[0, { sourceEnd, targetEnd: 10n }]])
  there.boundary.push({ topic, targetTopic: topic, targetIncarnation: 'any', points })
}

describe('what is verified after a promotion', () => {
  it('is in place', async () => {
    expect(await there.run(verify)).toEqual({
      outcome: 'done',
      message:
        '1 positions of groups are in place; 1 of 1 partitions of the old cluster have taken nothing since the boundary, 0 do not tell',
      facts: { positions: 1, behind: [], still: 1, untold: 0, grown: 0 },
    })
  })

  it.each([
    ['was not promoted', { role: 'standby' }],
    ['was promoted by somebody else', { epoch: EPOCH + 1 }],
    ['still gets records', { mode: 'forwarding' }],
  ] as const)('is refused when the target %s', async (_what, change) => {
    there.forward = { ...there.forward, ...change }
    expect((await there.run(verify)).outcome).toBe('refused')
  })

  it('is refused when records flow back already, where names are kept', async () => {
    there.reverse = { mode: 'forwarding', role: 'standby', epoch: EPOCH }
    const { outcome, message } = await there.run(verify)
    expect([outcome, message]).toEqual(['refused', expect.stringContaining('forwards already')])
    there.reverse = undefined
    expect((await there.run(verify)).outcome).toBe('done')
  })

  it('is refused when a group stands below where it was left', async () => {
    there.world.commit('east', 'billing', ORDERS, 6)
    const { outcome, message } = await there.run(verify)
    expect([outcome, message]).toEqual(['refused', expect.stringContaining('billing orders-0')])
    there.world.commit('east', 'billing', ORDERS, 8)
    expect((await there.run(verify)).outcome).toBe('done')
  })

  it('knows who was set back before', async () => {
    there.world.commit('east', 'billing', ORDERS, 6)
    there.remember('groups', { positions: 1, behind: ['billing orders-0'] })
    expect((await there.run(verify)).outcome).toBe('done')
  })

  it('is refused when the old cluster has taken records, and not for markers', async () => {
    there.world.write('west', ORDERS, 1, 'markers')
    expect((await there.run(verify)).outcome).toBe('done')
    there.world.write('west', ORDERS, 1)
    const { outcome, message } = await there.run(verify)
    expect([outcome, message]).toEqual(['refused', expect.stringContaining('orders-0: its fence leaks')])
  })

  it('is refused when nobody can tell what the old cluster has taken', async () => {
    there.world.write('west', ORDERS, 1, 'markers')
    there.source.read = () => Promise.reject(new ReplicationError('SOURCE_UNREACHABLE', 'reading'))
    expect((await there.run(verify)).outcome).toBe('refused')
  })

  it('counts partitions that have grown, that have not, and that do not tell', async () => {
    for (const topic of ['still', 'silent', 'grown']) bound(topic, 0n)
    there.source.leaderless.add('silent-0')
    there.world.write('west', { topic: 'grown', partition: 0 }, 1)
    expect((await there.run(verify)).facts).toMatchObject({ still: 2, untold: 1, grown: 1 })
  })

  it('lets records flow both ways where names differ, or records tell where they come from', async () => {
    there = new FailoverDataWorld({ links: { naming: 'prefix' } })
    there.forward = { mode: 'stopped', role: 'active', epoch: EPOCH }
    there.reverse = { mode: 'forwarding', role: 'standby', epoch: EPOCH }
    expect((await there.run(verify)).outcome).toBe('done')
    there = new FailoverDataWorld({ links: { provenance: true } })
    there.forward = { mode: 'stopped', role: 'active', epoch: EPOCH }
    there.reverse = { mode: 'forwarding', role: 'standby', epoch: EPOCH }
    expect((await there.run(verify)).outcome).toBe('done')
  })

  it('leaves out beats, which come on', async () => {
    bound(HEARTBEAT_TOPIC, 0n)
    there.world.write('west', { topic: HEARTBEAT_TOPIC, partition: 0 }, 3)
    expect((await there.run(verify)).outcome).toBe('done')
  })

  it('does without a source that is gone', async () => {
    there.loseSource()
    const { outcome, facts } = await there.run(verify, { mode: 'unplanned' })
    expect([outcome, facts]).toEqual(['done', { positions: 1, behind: [], still: 0, untold: 1, grown: 0 }])
    await expect(there.run(verify)).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
  })

  it('looks at groups that were placed elsewhere', async () => {
    const positions = { kind: 'earliest' } as const
    const placed = [{ group: 'billing', topic: 'orders', partition: 0, offset: '7' }]
    there.remember('promote', { placed })
    expect((await there.run(verify, { positions })).outcome).toBe('done')
    there.world.commit('east', 'billing', ORDERS, 6)
    expect((await there.run(verify, { positions })).outcome).toBe('refused')
  })

  it('is not told of groups of which nobody knows where they were placed', async () => {
    const positions = { kind: 'earliest' } as const
    for (const data of [{ epoch: EPOCH }, { placed: 'lost' }]) {
      there.remember('promote', data)
      const { outcome, message } = await there.run(verify, { positions })
      expect([outcome, message]).toEqual(['done', expect.stringContaining('which groups were placed is not known')])
      expect(message).toContain('look where they stand on east; 1 of 1 partitions')
      expect(message).not.toContain('in place')
    }
  })

  it('tells how many of the groups that were placed it looked at, and whose members were left alone', async () => {
    const placed = [{ group: 'billing', topic: 'orders', partition: 0, offset: '7' }]
    there.remember('promote', { placed, groups: 900, positions: 901, live: ['shipping'] })
    const { message } = await there.run(verify, { positions: { kind: 'earliest' } })
    expect(message).toContain('1 of 901 positions of groups are in place; 1 groups have members there')
    expect(message).toContain('shipping')
  })

  it('is only told in a drill', async () => {
    there.forward = { mode: 'forwarding', role: 'standby', epoch: 0 }
    expect((await there.run(verify, { mode: 'drill' })).outcome).toBe('done')
  })
})
