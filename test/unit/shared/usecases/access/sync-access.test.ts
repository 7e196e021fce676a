import { beforeEach, describe, expect, it } from 'vitest'
import { bindingText } from '../../../../../shared/domain/access/acl-binding.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { fenceDenial } from '../../../../../shared/domain/failover/fence-denial.ts'
import { AccessWorld, accessLink } from '../../../../support/access-world.ts'
import { acl } from '../../../../support/acl-bindings.ts'

const deny = { permission: 'deny' } as const
const onSource = (operation: 'read' | 'write' | 'all' | 'describe' = 'read') =>
  acl('User:app', operation, 'topic', 'orders')
const onTarget = (operation: 'read' | 'write' | 'all' | 'describe' | 'describe-configs' = 'read') =>
  acl('User:app-east', operation, 'topic', 'west.orders')

let world: AccessWorld
const texts = (...bindings: Parameters<typeof bindingText>[0][]): string[] => bindings.map(bindingText).sort()
const there = () => world.target.acls.texts

beforeEach(() => {
  world = new AccessWorld()
  world.source.acls.put(acl('User:job', 'read', 'group', 'kept')) // so that the source never shows nothing
})
const kept = acl('User:job', 'read', 'group', 'kept')

describe('a pass over the rights of a link', () => {
  it('grants what is granted on the source, once', async () => {
    world.source.acls.put(onSource())
    const report = await world.pass()
    expect(report.granted.map(({ what, principal, outcome }) => [what, principal, outcome])).toEqual([
      ['User:job: ALLOW READ on group kept', 'User:job', 'done'],
      ['User:app-east: ALLOW READ on topic west.orders', 'User:app-east', 'done'],
    ])
    expect(there()).toEqual(texts(kept, onTarget()))
    expect(await world.pass()).toMatchObject({ granted: [], revoked: [], inStep: 2, faulted: [] })
    expect(world.target.acls.changes.length).toBe(2)
  })

  it('says in a plan what it would do, and changes nothing', async () => {
    world.source.acls.put(onSource(), onSource('write'))
    const plan = await world.plan()
    expect(plan.granted.map(({ outcome }) => outcome)).toEqual(['planned', 'planned'])
    expect(plan.held).toHaveLength(1)
    expect([there(), world.registry.texts]).toEqual([[], []])
  })

  it('takes away what was taken away on the source', async () => {
    world.source.acls.put(onSource())
    await world.pass()
    world.source.acls.take(onSource())
    expect((await world.pass()).revoked).toMatchObject([{ what: expect.stringContaining('READ'), outcome: 'done' }])
    expect(there()).toEqual(texts(kept))
    expect(world.registry.texts).toHaveLength(1)
  })

  it('never takes over, changes or removes what the target had before', async () => {
    const foreign = [
      onTarget(),
      acl('User:app-east', 'write', 'topic', 'west.orders'),
      acl('User:x', 'all', 'topic', '*'),
    ]
    world.target.acls.put(...foreign)
    world.source.acls.put(onSource())
    expect((await world.pass()).alreadyThere).toEqual(['User:app-east: ALLOW READ on topic west.orders'])
    world.source.acls.take(onSource())
    await world.pass()
    expect(there()).toEqual(texts(kept, ...foreign))
  })

  it('makes again what somebody has removed by hand', async () => {
    world.source.acls.put(onSource())
    await world.pass()
    world.target.acls.take(onTarget())
    expect((await world.pass()).granted).toMatchObject([{ outcome: 'done' }])
    expect(there()).toEqual(texts(kept, onTarget()))
  })

  it('forgets what somebody has removed by hand and nobody wants any more', async () => {
    world.source.acls.put(onSource())
    await world.pass()
    world.target.acls.take(onTarget())
    world.source.acls.take(onSource())
    expect((await world.pass()).revoked).toMatchObject([{ what: expect.stringMatching(/gone already/) }])
    expect(world.registry.texts).toHaveLength(1)
  })

  it('follows a topic that appears', async () => {
    world = new AccessWorld({ naming: 'identity' }, ['orders'])
    world.source.acls.put(acl('User:app', 'read', 'topic', 'ord', { pattern: 'prefixed' }))
    await world.pass()
    world.replicate('orders.new')
    await world.pass()
    expect(world.target.acls.bindings.map(({ name }) => name)).toEqual(['orders', 'orders.new'])
  })

  it('grants on topics that the link names before they have a replica, and on none whose replica was removed', async () => {
    world.link = accessLink({ topics: ['named'] })
    const orders = world.topics.records.get('orders')
    if (orders !== undefined) world.topics.records.set('orders', { ...orders, removedAt: 1 })
    world.source.acls.put(onSource(), acl('User:app', 'read', 'topic', 'named'))
    await world.pass()
    expect(there()).toEqual(texts(kept, acl('User:app-east', 'read', 'topic', 'west.named')))
  })

  it('says of everything that does not follow why not', async () => {
    world.source.acls.put(acl('User:*', 'read', 'topic', '*'), acl('User:app', 'alter', 'cluster', 'kafka-cluster'))
    const { leftOut } = await world.plan()
    expect(leftOut.map(({ because }) => because)).toEqual(['everybody', 'cluster-level'])
  })
})

describe('a right that writes', () => {
  it('is held while the target is standby, granted after a promotion, and taken away after a demotion', async () => {
    world.source.acls.put(onSource('write'), onSource())
    expect((await world.pass()).held).toEqual([
      { what: 'User:app-east: ALLOW WRITE on topic west.orders', principal: 'User:app-east', meanwhile: [] },
    ])
    expect(there()).toEqual(texts(kept, onTarget()))
    world.promote('active')
    expect(await world.pass()).toMatchObject({ role: 'active', held: [], granted: [{ outcome: 'done' }] })
    expect(there()).toEqual(texts(kept, onTarget(), onTarget('write')))
    world.promote('standby')
    await world.pass()
    expect(there()).toEqual(texts(kept, onTarget()))
  })

  it('is granted as what reads when it is ALL, and whole before its parts go', async () => {
    world.source.acls.put(onSource('all'))
    const parts = [onTarget(), onTarget('describe'), onTarget('describe-configs')]
    expect((await world.pass()).held).toMatchObject([{ meanwhile: ['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS'] }])
    expect(there()).toEqual(texts(kept, ...parts))
    world.promote('active')
    world.target.acls.changes.length = 0
    await world.pass()
    expect(there()).toEqual(texts(kept, onTarget('all')))
    expect(world.target.acls.changes.map(({ kind }) => kind)).toEqual(['create', 'remove', 'remove', 'remove'])
    world.promote('standby')
    await world.pass()
    expect(there()).toEqual(texts(kept, ...parts))
  })

  it('keeps its parts when the whole is refused, and gives up the whole although its parts are', async () => {
    world.source.acls.put(onSource('all'))
    await world.pass()
    world.promote('active')
    world.target.acls.refuses = ({ binding }) => binding.operation === 'all'
    const report = await world.pass()
    expect(report.revoked.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped', 'skipped'])
    expect(report.faulted).toEqual(['User:app-east'])
    world.target.acls.refuses = () => false
    await world.pass()
    world.promote('standby')
    world.target.acls.refuses = ({ kind }) => kind === 'create'
    await world.pass()
    expect(there()).toEqual(texts(kept))
  })

  it('is granted although the source is gone by then, as it was when it was last asked', async () => {
    world.source.acls.put(onSource(), onSource('write'))
    await world.pass()
    world.source.acls.reachable = false
    await expect(world.pass()).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    expect(there()).toEqual(texts(kept, onTarget()))
    world.promote('active')
    for (const granted of [['done'], []]) {
      const report = await world.pass()
      expect(report.granted.map(({ outcome }) => outcome)).toEqual(granted)
      expect(report.faulted).toEqual(['the source'])
      expect(report.troubles[0]).toContain('nothing follows now but what was held back')
      expect(there()).toEqual(texts(kept, onTarget(), onTarget('write')))
    }
    expect(world.registry.has({ kind: 'acl', binding: onTarget('write') })).toBe(true)
  })

  it('is granted behind what the source denies by now, and not at all when that is refused', async () => {
    world.source.acls.put(onSource('write'))
    await world.pass()
    world.source.acls.put({ ...onSource('write'), permission: 'deny' })
    world.promote('active')
    world.target.acls.refuses = ({ binding }) => binding.permission === 'deny'
    await world.pass()
    expect(there()).toEqual(texts(kept))
    world.target.acls.refuses = () => false
    await world.pass()
    expect(there()).toEqual(texts(kept, { ...onTarget('write'), permission: 'deny' }, onTarget('write')))
  })

  it('stays held when the target refuses it, and is granted later although the source is gone by then', async () => {
    world.source.acls.put(onSource('write'))
    await world.pass()
    world.promote('active')
    world.target.acls.refuses = ({ binding }) => binding.operation === 'write'
    await world.pass()
    world.source.acls.reachable = false
    world.target.acls.refuses = () => false
    await world.pass()
    expect(there()).toEqual(texts(kept, onTarget('write')))
  })

  it('is granted although the source cannot be asked for good, which is told all the same', async () => {
    world.source.acls.put(onSource('write'))
    await world.pass()
    world.promote('active')
    const broken = {
      ...world.deps.source,
      clusterId: () => Promise.reject(new ReplicationError('CONFIG_INVALID', 'asking')),
    }
    await expect(world.pass({ ...world.deps, source: broken })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(there()).toEqual(texts(kept, onTarget('write')))
  })

  it('is told when it cannot be granted without the source', async () => {
    world.source.acls.put(onSource('write'))
    await world.pass()
    world.source.acls.reachable = false
    world.promote('active')
    world.target.acls.refuses = ({ binding }) => binding.operation === 'write'
    expect((await world.pass()).faulted).toEqual(['User:app-east', 'the source'])
  })

  it('does not follow any more once it is taken away on the source, nor once it is granted', async () => {
    world.source.acls.put(onSource('write'))
    await world.pass()
    world.source.acls.take(onSource('write'))
    await world.pass()
    expect(world.held.texts).toEqual([])
    world.source.acls.put(onSource('write'))
    await world.pass()
    expect(world.held.texts).toHaveLength(1)
    world.promote('active')
    await world.pass()
    expect(world.held.texts).toEqual([])
  })

  it('is not granted when the target became standby since the plan was made', async () => {
    world.source.acls.put(onSource('write'))
    world.promote('active')
    const { deps } = world
    const list = world.target.acls.list.bind(world.target.acls)
    world.target.acls.list = async (deadline) => {
      world.promote('standby')
      return await list(deadline)
    }
    const report = await world.pass(deps)
    expect(report.granted.map(({ outcome }) => outcome).sort()).toEqual(['done', 'skipped'])
    expect(report.faulted).toEqual([])
    expect(there()).toEqual(texts(kept))
  })
})

describe('a DENY', () => {
  it('is made before any ALLOW, and removed after them', async () => {
    world.source.acls.put(onSource(), acl('User:*', 'write', 'topic', 'orders', deny))
    await world.pass()
    world.source.acls.take(onSource(), acl('User:*', 'write', 'topic', 'orders', deny))
    await world.pass()
    const ofApp = world.target.acls.changes.filter(({ binding }) => binding.principal === 'User:app-east')
    expect(ofApp.map(({ kind, binding }) => `${kind} ${binding.permission}`)).toEqual([
      'create deny',
      'create allow',
      'remove allow',
      'remove deny',
    ])
  })

  it('that is refused keeps the ALLOWs of its principal back, and nobody else’s', async () => {
    world.source.acls.put(onSource(), acl('User:app', 'write', 'topic', 'orders', deny))
    world.target.acls.refuses = ({ binding }) => binding.permission === 'deny'
    const report = await world.pass()
    expect(report.granted.map(({ outcome }) => outcome)).toEqual(['done', 'skipped', 'failed'])
    expect([there(), report.faulted]).toEqual([texts(kept), ['User:app-east']])
  })

  it('stays as long as an ALLOW of its principal cannot be removed', async () => {
    const denial = acl('User:app', 'write', 'topic', 'orders', deny)
    world.source.acls.put(onSource(), denial)
    await world.pass()
    world.source.acls.take(onSource(), denial)
    world.target.acls.refuses = ({ kind, binding }) => kind === 'remove' && binding.permission === 'allow'
    expect((await world.pass()).revoked.map(({ outcome }) => outcome).sort()).toEqual(['failed', 'skipped'])
    expect(there()).toHaveLength(3)
  })
})

describe('the registry', () => {
  const fails = async () => {
    throw new ReplicationError('STATE_THROTTLED', 'writing to the registry')
  }

  it('comes first: what cannot be registered is not granted', async () => {
    world.source.acls.put(onSource())
    const remember = world.registry.remember.bind(world.registry)
    world.registry.remember = (right) =>
      right.kind === 'acl' && right.binding.principal === 'User:app-east' ? fails() : remember(right)
    expect((await world.pass()).faulted).toEqual(['User:app-east'])
    expect(there()).toEqual(texts(kept))
  })

  it('goes last: what cannot be removed stays registered, and what cannot be forgotten is tried again', async () => {
    world.source.acls.put(onSource())
    await world.pass()
    world.source.acls.take(onSource())
    world.target.acls.refuses = ({ kind }) => kind === 'remove'
    await world.pass()
    expect(world.registry.texts).toHaveLength(2)
    world.target.acls.refuses = () => false
    const forget = world.registry.forget.bind(world.registry)
    world.registry.forget = fails
    expect((await world.pass()).revoked).toMatchObject([{ outcome: 'failed' }])
    world.registry.forget = forget
    await world.pass()
    expect([there(), world.registry.texts.length]).toEqual([texts(kept), 1])
  })
})

describe('two passes at once', () => {
  it('never leave a right that is registered nowhere, when one makes again what the other has just removed', async () => {
    world.source.acls.put(onSource())
    await world.pass()
    world.source.acls.take(onSource())
    const { deps } = world
    const remove = world.target.acls.remove.bind(world.target.acls)
    world.target.acls.remove = async (bindings, deadline) => {
      const answers = await remove(bindings, deadline)
      world.source.acls.put(onSource())
      await world.pass()
      return answers
    }
    await world.pass(deps)
    expect(there()).toEqual(texts(kept, onTarget()))
    expect(world.registry.texts).toHaveLength(2)
  })
})

describe('nothing is taken away on suspicion', () => {
  beforeEach(async () => {
    world.source.acls.put(onSource())
    await world.pass()
  })

  it.each([
    [
      'the source has no authorizer',
      'NO_AUTHORIZER',
      () => {
        world.source.acls.authorizer = false
      },
    ],
    [
      'the target has no authorizer',
      'NO_AUTHORIZER',
      () => {
        world.target.acls.authorizer = false
      },
    ],
    [
      'the source does not answer',
      'SOURCE_UNREACHABLE',
      () => {
        world.source.acls.reachable = false
      },
    ],
    [
      'the target does not answer',
      'TARGET_UNREACHABLE',
      () => {
        world.target.acls.reachable = false
      },
    ],
  ])('when %s', async (_what, code, happens) => {
    const before = there()
    happens()
    await expect(world.pass()).rejects.toMatchObject({ code })
    expect(there()).toEqual(before)
  })

  it('nor granted when the clusters are not the two that were meant', async () => {
    const before = there()
    world.source.acls.put(onSource('describe'))
    world.source.id = world.target.id
    await expect(world.pass()).rejects.toThrow(/SAME_CLUSTER: comparing the rights of west-east/)
    world.source.id = 'another'
    world.link = { ...world.link, source: { ...world.link.source, clusterId: 'the-one-that-is-meant' } }
    await expect(world.pass()).rejects.toThrow(/SAME_CLUSTER.*the-one-that-is-meant/)
    expect(there()).toEqual(before)
  })

  it('when the source shows no ACL at all, although some came from it', async () => {
    world.source.acls.take(onSource(), kept)
    const report = await world.pass()
    expect(report).toMatchObject({
      revoked: [],
      faulted: ['the source'],
      troubles: [expect.stringMatching(/same cluster/)],
    })
    expect(there()).toEqual(texts(kept, onTarget()))
  })
})

describe('rights between two clusters that follow each other', () => {
  it('do not return to where they came from, so that what is revoked goes away', async () => {
    const group = acl('User:job', 'read', 'group', 'g')
    world.source.acls.put(group)
    await world.opposite.remember({ kind: 'acl', binding: group })
    const report = await world.pass()
    expect(report.leftOut.map(({ because }) => because)).toEqual(['would-return'])
    expect(there()).toEqual(texts(kept))
  })

  it('leave fences where they are, also of whom the topology has lost since', async () => {
    world.source.acls.put(fenceDenial('User:app'), fenceDenial('User:job'))
    world.fenced = ['User:app']
    await world.fences.remember({ kind: 'acl', binding: fenceDenial('User:job') })
    expect((await world.pass()).leftOut.map(({ because }) => because)).toEqual(['fence', 'fence'])
    expect(there().filter((text) => text.includes('deny'))).toEqual([])
  })

  it('tell a fence from a DENY of somebody else', async () => {
    world.source.acls.put(fenceDenial('User:app'), acl('User:app', 'write', 'topic', 'orders', deny))
    world.fenced = ['User:app']
    expect((await world.pass()).leftOut.map(({ because }) => because)).toEqual(['fence'])
    expect(there().filter((text) => text.includes('deny'))).toHaveLength(1)
  })
})

describe('client quotas', () => {
  const produce = { user: 'app', key: 'producer_byte_rate' }
  const east = { user: 'app-east', key: 'producer_byte_rate' }

  it('follow, and go away with their source', async () => {
    world.source.quotas.put({ ...produce, value: 5 }, { clientId: 'shop', key: 'request_percentage', value: 50 })
    await world.pass()
    const shop = { clientId: 'shop', key: 'request_percentage', value: 50 }
    expect(world.target.quotas.quotas).toEqual([{ ...east, value: 5 }, shop])
    world.source.quotas.put({ ...produce, value: 6 })
    await world.pass()
    expect(world.target.quotas.quotas).toEqual([{ ...east, value: 6 }, shop])
    world.source.quotas.take({ ...produce, value: 6 })
    await world.pass()
    expect(world.target.quotas.quotas).toEqual([shop])
    expect((await world.pass()).quotas).toEqual([])
  })

  it('of somebody else are left alone, and said', async () => {
    world.source.quotas.put({ ...produce, value: 5 })
    world.target.quotas.put({ ...east, value: 7 }, { user: 'app-east', key: 'consumer_byte_rate', value: 8 })
    const report = await world.pass()
    expect(report.leftOut.map(({ because }) => because)).toEqual(['somebody-elses-quota'])
    world.source.quotas.take({ ...produce, value: 5 })
    await world.pass()
    expect(world.target.quotas.changes).toEqual([])
  })

  it('that the target has already are not taken over', async () => {
    world.source.quotas.put({ ...produce, value: 5 })
    world.target.quotas.put({ ...east, value: 5 })
    expect((await world.pass()).alreadyThere).toEqual(['User:app-east: producer_byte_rate=5'])
    world.source.quotas.take({ ...produce, value: 5 })
    await world.pass()
    expect(world.target.quotas.quotas).toEqual([{ ...east, value: 5 }])
  })

  it('of users who are one on the target come to the strictest of them', async () => {
    world.access = { ...world.access, principals: { 'User:app': 'User:one', 'User:job': 'User:one' } }
    world.source.quotas.put({ user: 'job', key: 'producer_byte_rate', value: 9 }, { ...produce, value: 5 })
    await world.pass()
    world.source.quotas.put({ user: 'job', key: 'producer_byte_rate', value: 4 })
    await world.pass()
    expect(world.target.quotas.changes.map(({ value }) => value)).toEqual([5, 4])
  })

  it('of everybody, of addresses and of strangers do not follow', async () => {
    world.source.quotas.put({ user: 'stranger', key: 'producer_byte_rate', value: 1 })
    world.source.quotas.unheld = [
      { kind: 'default', what: 'producer_byte_rate of user <default>' },
      { kind: 'ip', what: 'connection_creation_rate of ip 10.0.0.1' },
    ]
    const { leftOut, quotas } = await world.pass()
    expect([leftOut.map(({ because }) => because), quotas]).toEqual([
      ['principal-unmapped', 'default-quota', 'ip-quota'],
      [],
    ])
  })

  it('follow only where the link says so', async () => {
    world.source.quotas.put({ ...produce, value: 5 })
    await world.pass()
    world.access = { ...world.access, quotas: false }
    await world.pass()
    expect([world.target.quotas.quotas, world.registry.texts.filter((text) => text.startsWith('quota'))]).toEqual([
      [],
      [],
    ])
    expect((await world.pass()).quotas).toEqual([])
  })
})

describe('what nobody can copy', () => {
  const becauses = async () => (await world.plan()).notCopyable.map(({ what, because }) => [what, because])

  it('are passwords, of whoever has one on the source and none on the target', async () => {
    world.source.acls.put(onSource())
    world.source.scram.users.add('app').add('job')
    world.target.scram.users.add('job')
    expect(await becauses()).toEqual([['User:app-east', 'password']])
    world.source.scram.users.delete('app') // it logs in by certificate
    expect(await becauses()).toEqual([])
    world.source.scram.users.add('app')
    world.target.scram.users.add('app-east')
    expect(await becauses()).toEqual([])
  })

  it('is what IAM policies say, and what a cluster does not tell', async () => {
    world.source.acls.put(onSource())
    world.link = accessLink({ target: { name: 'east', login: { kind: 'iam' } } })
    world.target.scram.untold = 'no right to ask'
    expect(await becauses()).toEqual([
      ['east', 'iam'],
      ['east', 'passwords-untold'],
    ])
  })

  it('are the rights of whoever has none to be seen: a super user, or nobody', async () => {
    expect(await becauses()).toEqual([['User:app', 'no-rights-seen']])
  })
})
