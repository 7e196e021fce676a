import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { groups } from '../../../../../shared/usecases/failover/groups.ts'
import { FailoverDataWorld } from '../../../../support/failover-data-world.ts'

const ORDERS = { topic: 'orders', partition: 0 }

let there: FailoverDataWorld
/** Nothing on the target is at the offset that it has on the source. `others`: records that lie there before. */
const begin = async ({ others = 0 } = {}): Promise<void> => {
  there = new FailoverDataWorld()
  there.world.write('east', ORDERS, others)
  there.world.write('west', ORDERS, 3, 'markers')
  there.world.write('west', ORDERS, 10)
  await there.world.replicate('west-east', ORDERS)
}
beforeEach(() => begin())

const commit = (group: string, offset: number) => there.world.commit('west', group, ORDERS, offset)
const standsAt = (group: string) => there.world.position('east', group, ORDERS)
const changes = () => there.world.clusters.east.groups.changes

describe('the groups of a planned failover', () => {
  it('are moved until a pass moves none', async () => {
    commit('billing', 7)
    commit('shipping', 13)
    const { outcome, facts } = await there.run(groups)
    expect(outcome).toBe('done')
    expect([standsAt('billing'), standsAt('shipping')]).toEqual([4n, 10n])
    expect(facts).toMatchObject({ passes: 2, moved: 2, compared: 2, positions: 2, behind: [] })
    expect(there.functions.calls).toEqual(['groups apply', 'groups apply'])
  })

  it('are looked at twice also when there was nothing to move', async () => {
    expect(await there.run(groups)).toMatchObject({ outcome: 'done', facts: { passes: 2, moved: 0 } })
  })

  it('are moved again when they read on meanwhile', async () => {
    commit('billing', 4)
    const pass = there.functions.groupPass
    let passes = 0
    there.functions.groupPass = async (mode) => {
      if (passes++ === 1) commit('billing', 6)
      return await pass(mode)
    }
    expect(await there.run(groups)).toMatchObject({ outcome: 'done', facts: { passes: 3, moved: 2 } })
    expect(standsAt('billing')).toBe(3n)
  })

  /** They commit right before each pass. */
  const readOn = () => {
    const pass = there.functions.groupPass
    let at = 4
    there.functions.groupPass = async (mode) => {
      commit('billing', at++)
      return await pass(mode)
    }
    return () => (there.functions.groupPass = pass)
  }

  it('hold nobody up where they never stop to read, since they are moved once more with their clients', async () => {
    readOn()
    const { outcome, message, facts } = await there.run(groups)
    expect([outcome, facts]).toEqual(['done', expect.objectContaining({ passes: 4, moved: 4, behind: [] })])
    expect(message).toContain('1 of groups that read on are moved again with their clients')
    expect(standsAt('billing')).toBe(4n)
  })

  it('are awaited all the same while somebody else moves one of them', async () => {
    const pass = there.functions.groupPass
    readOn()
    const reading = there.functions.groupPass
    there.functions.groupPass = async (mode) => {
      const facts = await reading(mode)
      return facts && { ...facts, unsettled: 1 }
    }
    expect(await there.run(groups)).toMatchObject({
      outcome: 'again',
      message: expect.stringContaining('somebody else'),
    })
    there.functions.groupPass = pass
  })

  it('are awaited while they never stop to move where nobody follows them, and counted over all calls', async () => {
    const stop = readOn()
    const first = await there.run(groups, { mode: 'unplanned' })
    expect(first).toMatchObject({ outcome: 'again', message: '1 positions were still moved', facts: { moved: 4 } })
    there.remember('groups', first.facts ?? {}, { outcome: 'again' })
    stop()
    expect(await there.run(groups, { mode: 'unplanned' })).toMatchObject({ outcome: 'done', facts: { moved: 4 } })
  })

  it('are awaited while a transaction would move one of them', async () => {
    commit('billing', 4)
    there.world.clusters.west.groups.beginTransaction('billing', 'orders', 0)
    expect(await there.run(groups)).toMatchObject({
      outcome: 'again',
      message: '1 positions are in transactions that are open',
    })
  })

  it('are awaited while one of them cannot be moved', async () => {
    commit('billing', 4)
    there.world.clusters.east.groups.refuse('commit', 'billing', 'GROUP_DENIED')
    const { outcome, message } = await there.run(groups)
    expect([outcome, message]).toEqual(['again', 'these groups cannot be moved: billing'])
  })

  it('are awaited while nobody can list them all', async () => {
    const pass = there.functions.groupPass
    there.functions.groupPass = async (mode) => {
      const facts = await pass(mode)
      return facts && { ...facts, troubles: ['a broker is silent'] }
    }
    const { outcome, message } = await there.run(groups)
    expect([outcome, message]).toEqual(['again', 'not every group was found: a broker is silent'])
  })

  it('stay where somebody set them back, which is no news later', async () => {
    commit('billing', 9)
    await there.run(groups)
    there.world.commit('east', 'billing', ORDERS, 2)
    const { outcome, facts } = await there.run(groups)
    expect(outcome).toBe('done')
    expect(facts).toMatchObject({ stay: [{ because: 'set-back', positions: 1 }], behind: ['billing orders-0'] })
    expect(standsAt('billing')).toBe(2n)
  })

  it('are nobody’s business where the link leaves them alone', async () => {
    there.functions.groupPass = async () => undefined
    expect(await there.run(groups)).toMatchObject({
      outcome: 'done',
      message: expect.stringContaining('by themselves'),
    })
  })

  it('throw what the function says', async () => {
    there.functions.break('groups')
    await expect(there.run(groups)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })
})

describe('the groups of an unplanned failover', () => {
  const unplanned = { mode: 'unplanned' } as const

  it('go on by what has come since they were last seen', async () => {
    there.world.write('west', ORDERS, 5)
    commit('billing', 17) // it has read what is not on the target yet
    commit('shipping', 5)
    await there.world.pass()
    expect([standsAt('billing'), standsAt('shipping')]).toEqual([10n, 2n])
    await there.world.replicate('west-east', ORDERS)
    there.loseSource()
    const { outcome, facts } = await there.run(groups, unplanned)
    expect([outcome, facts?.['moved']]).toEqual(['done', 1])
    expect([standsAt('billing'), standsAt('shipping')]).toEqual([14n, 2n])
    expect((await there.run(groups, unplanned)).facts?.['moved']).toBe(0)
  })

  it('are left alone where they have members, or have moved by themselves', async () => {
    there.world.write('west', ORDERS, 5)
    for (const group of ['billing', 'shipping']) commit(group, 17)
    await there.world.pass()
    await there.world.replicate('west-east', ORDERS)
    there.loseSource()
    there.world.clusters.east.groups.join('billing')
    there.world.commit('east', 'shipping', ORDERS, 3)
    expect((await there.run(groups, unplanned)).outcome).toBe('done')
    expect([standsAt('billing'), standsAt('shipping')]).toEqual([10n, 3n])
  })

  it('are not asked of a source that the drain has found gone', async () => {
    commit('billing', 7)
    await there.world.pass()
    there.remember('drain', { sourceGone: true })
    expect((await there.run(groups, unplanned)).outcome).toBe('done')
    expect(there.functions.calls).toEqual([])
    expect((await there.run(groups)).facts?.['passes']).toBe(2)
  })

  it('are moved as planned while the source still answers', async () => {
    commit('billing', 7)
    expect(await there.run(groups, unplanned)).toMatchObject({ outcome: 'done', facts: { passes: 2, moved: 1 } })
  })

  it.each(['STATE_UNREACHABLE', 'CONFIG_INVALID'] as const)(
    'are not given up for %s, which is not about the source',
    async (code) => {
      there.functions.break('groups', new ReplicationError(code, 'injected'))
      await expect(there.run(groups, unplanned)).rejects.toMatchObject({ code })
    },
  )

  it('are not in place when one of them could not be moved on', async () => {
    there.world.write('west', ORDERS, 5)
    commit('billing', 17)
    await there.world.pass()
    await there.world.replicate('west-east', ORDERS)
    there.loseSource()
    there.world.clusters.east.groups.refuse('commit', 'billing', 'GROUP_DENIED')
    await expect(there.run(groups, unplanned)).rejects.toMatchObject({ code: 'GROUP_DENIED' })
  })

  it('do not wait for ever for a source that answers in part', async () => {
    commit('billing', 7)
    await there.world.pass()
    there.world.clusters.west.groups.refuse('read', 'billing', 'SOURCE_UNREACHABLE')
    expect((await there.run(groups, unplanned)).outcome).toBe('again')
    there.remember('groups', {}, { outcome: 'again', calls: 2 })
    expect(await there.run(groups, unplanned)).toMatchObject({ outcome: 'done', facts: { positions: 1 } })
    expect((await there.run(groups)).outcome).toBe('again')
  })
})

describe('groups that shall not resume where they were', () => {
  beforeEach(() => {
    commit('billing', 7)
    there.world.commit('east', 'there-only', ORDERS, 5)
  })

  it.each(['planned', 'drill'] as const)(
    'are counted, and left where they are until the promotion: %s',
    async (mode) => {
      const result = await there.run(groups, { mode, positions: { kind: 'earliest' } })
      expect(result).toMatchObject({ outcome: 'done', facts: { groups: 2, positions: 2 } })
      expect([changes(), standsAt('there-only'), there.functions.calls]).toEqual([[], 5n, []])
    },
  )

  it('fail when the target does not tell where its logs end', async () => {
    there.target.leaderless.add('orders-0')
    const counting = there.run(groups, { positions: { kind: 'latest' } })
    await expect(counting).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
  })
})

describe('the groups of a drill', () => {
  const drill = { mode: 'drill' } as const
  beforeEach(() => begin({ others: 4 }))

  it.each([3, 5, 8, 12, 13])('that are at %i are read on both clusters, and nothing is committed', async (offset) => {
    commit('billing', offset)
    const { outcome, facts } = await there.run(groups, drill)
    expect(outcome).toBe('done')
    expect(facts).toMatchObject({ positions: 1, checked: 1, exact: 1, readAgain: 0, skipped: 0, untold: 0 })
    expect([changes(), standsAt('billing'), there.functions.calls]).toEqual([[], undefined, []])
  })

  it('may be ahead of what has come', async () => {
    there.world.write('west', ORDERS, 5)
    commit('billing', 17)
    expect(await there.run(groups, drill)).toMatchObject({ outcome: 'done', facts: { ahead: 1, readAgain: 0 } })
  })

  /** The map that the drill goes by, moved by some target offsets. */
  const shift = async (by: bigint) => {
    const { map } = there.world.memory('west-east')
    const head = map.head(ORDERS)
    if (head === undefined) throw new Error('no head')
    const openRuns = head.openRuns.map((run) => ({ ...run, target: run.target + by }))
    await map.advance(ORDERS, head, { ...head, openRuns, nextSource: head.nextSource + 1n })
  }

  it('are found to read again when the map leads too far back', async () => {
    there.world.write('west', ORDERS, 5)
    await there.world.replicate('west-east', ORDERS)
    commit('billing', 10)
    await shift(-2n)
    const result = await there.run(groups, drill)
    expect(result).toMatchObject({ outcome: 'refused', facts: { exact: 0, readAgain: 2, skipped: 0 } })
    expect(result.message).toContain('2 records would be read again and 0 skipped')
  })

  it('are found to skip when the map leads too far', async () => {
    commit('billing', 6)
    await shift(3n)
    const result = await there.run(groups, drill)
    expect(result).toMatchObject({ outcome: 'refused', facts: { readAgain: 0, skipped: 3 } })
  })

  it('are found to skip when the map leads beyond all that has come', async () => {
    await begin()
    commit('billing', 3)
    await shift(10n)
    expect(await there.run(groups, drill)).toMatchObject({ outcome: 'refused', facts: { exact: 0, skipped: 10 } })
  })

  it('are found to skip what retention took on the target', async () => {
    commit('billing', 6)
    there.target.starts.set('orders-0', 9n)
    expect(await there.run(groups, drill)).toMatchObject({ outcome: 'refused', facts: { exact: 0, skipped: 2 } })
  })

  it('are found to read again at the end of the source', async () => {
    commit('billing', 13)
    await shift(-1n)
    expect(await there.run(groups, drill)).toMatchObject({ outcome: 'refused', facts: { readAgain: 1 } })
  })

  it('are not judged where a cluster does not tell', async () => {
    commit('billing', 6)
    there.source.leaderless.add('orders-0')
    expect(await there.run(groups, drill)).toMatchObject({ outcome: 'refused', facts: { untold: 1, exact: 0 } })
  })

  it('are counted where they lead nowhere', async () => {
    commit('billing', 6)
    there.world.clusters.west.groups.beginTransaction('billing', 'orders', 0)
    commit('shipping', 6)
    const { outcome, facts } = await there.run(groups, drill)
    expect([outcome, facts?.['positions'], facts?.['unplaced']]).toEqual(['done', 1, 1])
  })

  it('are read once where they stand at one place', async () => {
    for (const group of ['a', 'b', 'c']) commit(group, 6)
    const { facts } = await there.run(groups, drill)
    expect(facts).toMatchObject({ positions: 3, checked: 1, exact: 1 })
  })
})
