import { describe, expect, it } from 'vitest'
import { FakeGroupAdmin } from '../../fakes/group-admin.ts'
import { describeGroupAdmin, newOffsets, outcomes } from '../../support/group-admin-contract.ts'
import { inTime } from '../../support/in-time.ts'

describeGroupAdmin('the fake', async () => {
  const admin = new FakeGroupAdmin()
  admin.missing.add('absent')
  return {
    admin,
    requests: () => admin.requests.list + admin.requests.read + admin.requests.commit,
    makeTopics: async () => undefined,
    join: async (group, _topic, kind) => {
      admin.join(group, kind)
      return async () => admin.leave(group)
    },
    begin: async (group, topic, offset) => {
      admin.beginTransaction(group, topic, 0)
      return {
        end: async (how) => admin.endTransaction(group, topic, 0, how === 'commit' ? offset : undefined),
      }
    },
    kinds: ['classic', 'consumer'],
    many: { groups: 500, partitions: 20 },
  }
})

const ONE = newOffsets({ orders: { 0: 5n } })

describe('the fake group admin', () => {
  it('lets somebody join between the check and the commit', async () => {
    const admin = new FakeGroupAdmin()
    admin.put('billing', { offsets: { orders: { 0: 1n } } })
    admin.beforeCommit = () => admin.join('billing')
    const answers = await admin.commit(new Map([['billing', ONE]]), inTime())
    expect(outcomes(answers.get('billing'))).toEqual({ 'orders-0': 'live' })
    expect([admin.position('billing', 'orders', 0), admin.changes]).toEqual([1n, []])
  })

  it('hides groups, refuses what a test wants to be refused, and takes nothing for a share group', async () => {
    const admin = new FakeGroupAdmin('source')
    for (const group of ['hidden', 'refused', 'plain']) admin.put(group, { offsets: { orders: { 0: 1n } } })
    admin.put('shared', { kind: 'share' })
    admin.hidden.add('hidden')
    admin.refuse('commit', 'refused', 'SOURCE_UNREACHABLE')
    const all = ['hidden', 'refused', 'plain', 'shared']
    expect([...(await admin.list(inTime())).groups.keys()]).toEqual(['refused', 'plain', 'shared'])
    expect(outcomes((await admin.committed(all, inTime())).get('hidden'))).toBe('GROUP_DENIED')
    const answers = await admin.commit(new Map(all.map((group) => [group, ONE])), inTime())
    expect(all.map((group) => outcomes(answers.get(group)))).toEqual(
      ['GROUP_DENIED', 'SOURCE_UNREACHABLE', 'committed', 'GROUP_REFUSED'].map((answer) => ({ 'orders-0': answer })),
    )
    expect(admin.changes).toEqual(['plain orders-0 5'])
    admin.accept('commit', 'refused')
    await admin.commit(new Map([['refused', ONE]]), inTime())
    expect(admin.position('refused', 'orders', 0)).toBe(5n)
  })

  it('is unreachable when a test says so', async () => {
    const admin = new FakeGroupAdmin('source')
    admin.reachable = false
    await expect(admin.list(inTime())).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })
})
