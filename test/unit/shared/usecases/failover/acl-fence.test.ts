import { describe, expect, it } from 'vitest'
import { type AclBinding, bindingText } from '../../../../../shared/domain/access/acl-binding.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { fenceDenial } from '../../../../../shared/domain/failover/fence-denial.ts'
import { type AclFenceDeps, aclFence } from '../../../../../shared/usecases/failover/acl-fence.ts'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import { FakeAccessLedger } from '../../../../fakes/access-ledger.ts'
import { FakeAclAdmin } from '../../../../fakes/acl-admin.ts'
import { FakeWriteProbe } from '../../../../fakes/write-probe.ts'
import { acl } from '../../../../support/acl-bindings.ts'
import { inTime } from '../../../../support/in-time.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'

const CAUSE = { pair: 'west-east', from: 'west', to: 'east', epoch: 1, execution: 'first', startedAt: 1_000 }
const TOPICS = ['orders', 'customers']
const [SHOP, JOB] = ['User:shop', 'User:job']
const RIGHTS = [
  acl(SHOP, 'write', 'topic', '*'),
  acl(JOB, 'all', 'topic', 'orders'),
  acl('User:copy', 'write', 'topic', '*'),
]

class FencedCluster {
  readonly acls = new FakeAclAdmin('source')
  readonly registry = new FakeAccessLedger()
  readonly probe = new FakeWriteProbe(SHOP, this.acls)
  principals = [SHOP, JOB]
  own = 'User:copy'

  constructor() {
    this.acls.put(...RIGHTS)
  }

  get deps(): AclFenceDeps {
    const { acls, registry, probe, principals, own } = this
    return { cluster: 'west', principals, acls, registry, probe, ownPrincipal: async () => own, clock: Date }
  }

  fence(deps: AclFenceDeps = this.deps) {
    const { apply, prove, lift } = aclFence(deps)
    return {
      apply: () => apply(CAUSE, inTime()),
      prove: () => prove(CAUSE, TOPICS, inTime()),
      lift: () => lift(CAUSE, inTime()),
    }
  }

  get holdsAgainst(): readonly string[] {
    const bound = new Map(this.principals.map((principal) => [bindingText(fenceDenial(principal)), principal]))
    return this.acls.texts.flatMap((text) => bound.get(text) ?? [])
  }
}

const texts = (bindings: readonly AclBinding[]): string[] => bindings.map(bindingText).sort()

describe('a fence of ACLs', () => {
  it('denies every principal to write to anything, and is proved by brokers that refuse a write', async () => {
    const cluster = new FencedCluster()
    expect(await cluster.fence().apply()).toMatchObject({ outcome: 'done' })
    expect(cluster.acls.texts).toEqual(texts([...RIGHTS, fenceDenial(SHOP), fenceDenial(JOB)]))
    expect(await cluster.fence().prove()).toEqual({
      outcome: 'done',
      message: expect.stringContaining('all brokers refuse writes of User:shop to 2 topics'),
      weaker: 'writes of the 1 others were not tried',
    })
  })

  it('tells of others who may write, and were perhaps forgotten', async () => {
    const cluster = new FencedCluster()
    const more = ['User:b', 'User:c', 'User:d', 'User:e', 'User:f', 'User:g'].map((user) =>
      acl(user, 'all', 'topic', 'p'),
    )
    cluster.acls.put(
      ...more,
      acl('User:reader', 'read', 'topic', '*'),
      acl('User:never', 'write', 'topic', '*', { permission: 'deny' }),
    )
    await cluster.fence().apply()
    const { weaker } = await cluster.fence().prove()
    expect(weaker).toMatch(/; User:b, User:c, User:d, User:e, User:f and 1 others may write as well/)
  })

  it('is not proved before it is there', async () => {
    const cluster = new FencedCluster()
    expect(await cluster.fence().prove()).toMatchObject({ outcome: 'again', message: expect.stringContaining(SHOP) })
  })

  it('is not proved by denials for a super user', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    cluster.probe.isSuperUser = true
    const message = 'User:shop may still write to orders: CORRUPT_MESSAGE'
    expect(await cluster.fence().prove()).toEqual({ outcome: 'again', message })
  })

  it('is not proved by a broker that says nothing of rights', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    cluster.probe.unclear = 'broker 2: no answer'
    expect(await cluster.fence().prove()).toMatchObject({
      outcome: 'again',
      message: expect.stringContaining('broker 2'),
    })
  })

  it('is not proved by a login that it does not bind', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    const probe = new FakeWriteProbe('User:stranger', cluster.acls)
    expect(await cluster.fence({ ...cluster.deps, probe }).prove()).toMatchObject({ outcome: 'refused' })
  })

  it('says that nobody can tell whose certificate it was tried with', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    const probe = new FakeWriteProbe(SHOP, cluster.acls)
    probe.principal = async () => 'the owner of the certificate in the secret shop/login'
    const weaker = expect.stringContaining('certificate of the probe')
    expect(await cluster.fence({ ...cluster.deps, probe }).prove()).toMatchObject({ outcome: 'done', weaker })
  })

  it('says that nobody has tried where there is no topic to try', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    const weaker = expect.stringContaining('no topic is replicated')
    expect(await aclFence(cluster.deps).prove(CAUSE, [], inTime())).toMatchObject({ outcome: 'done', weaker })
  })

  it('says that its proof is weaker without the login of an application', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    const { probe: _, ...deps } = cluster.deps
    const weaker = expect.stringContaining('nobody has tried to write')
    expect(await cluster.fence(deps).prove()).toMatchObject({ outcome: 'done', weaker })
  })

  it('is lifted without a trace', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    expect(await cluster.fence().lift()).toMatchObject({ outcome: 'done' })
    expect(cluster.acls.texts).toEqual(texts(RIGHTS))
    expect(cluster.registry.texts).toEqual([])
  })

  it('leaves a denial where it is that somebody else has made', async () => {
    const cluster = new FencedCluster()
    cluster.acls.put(fenceDenial(JOB))
    await cluster.fence().apply()
    await cluster.fence().lift()
    expect(cluster.acls.texts).toEqual(texts([...RIGHTS, fenceDenial(JOB)]))
  })

  it('is lifted for principals too that the topology has lost since', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    cluster.principals = [JOB]
    await cluster.fence().lift()
    expect(cluster.acls.texts).toEqual(texts(RIGHTS))
  })

  it.each([
    ['our own login', (cluster: FencedCluster) => (cluster.own = JOB)],
    ['everybody', (cluster: FencedCluster) => cluster.principals.push('User:*')],
  ])('never binds %s', async (_whom, change) => {
    const cluster = new FencedCluster()
    change(cluster)
    expect(await cluster.fence().apply()).toMatchObject({ outcome: 'refused' })
    expect(cluster.acls.texts).toEqual(texts(RIGHTS))
  })

  it('is lifted by the topology alone where its registry went with its region, and nowhere else', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    const gone = async () => Promise.reject(new ReplicationError('STATE_UNREACHABLE', 'reading the registry'))
    const registry = { entries: gone, remember: gone, forget: gone }
    await expect(cluster.fence({ ...cluster.deps, registry }).lift()).rejects.toMatchObject({
      code: 'STATE_UNREACHABLE',
    })
    const message = expect.stringContaining('without the registry')
    const deps = { ...cluster.deps, registry, registryMayBeGone: true } as const
    expect(await cluster.fence(deps).lift()).toEqual({ outcome: 'done', message })
    expect(cluster.acls.texts).toEqual(texts(RIGHTS))
  })

  it('does not wait long for a registry that may be gone', async () => {
    const cluster = new FencedCluster()
    await cluster.fence().apply()
    const asked: number[] = []
    const registry = {
      ...cluster.deps.registry,
      entries: async ({ at }: Deadline) => {
        asked.push(at - Date.now())
        throw new ReplicationError('STATE_UNREACHABLE', 'reading the registry')
      },
    }
    await cluster.fence({ ...cluster.deps, registry, registryMayBeGone: true }).lift()
    expect(asked.every((ms) => ms <= 5_000)).toBe(true)
    expect(asked).toHaveLength(1)
  })

  it('throws what the cluster refuses, and goes on when it does not any more', async () => {
    const cluster = new FencedCluster()
    cluster.acls.refuses = ({ binding }) => binding.principal === JOB
    await expect(cluster.fence().apply()).rejects.toMatchObject({ code: 'ACCESS_REFUSED' })
    expect(cluster.holdsAgainst).toEqual([SHOP])
    cluster.acls.refuses = () => false
    expect(await cluster.fence().apply()).toMatchObject({ outcome: 'done' })
    expect([...cluster.holdsAgainst].sort()).toEqual([JOB, SHOP])
  })

  it('cannot be where everybody may do everything', async () => {
    const cluster = new FencedCluster()
    cluster.acls.authorizer = false
    await expect(cluster.fence().apply()).rejects.toMatchObject({ code: 'NO_AUTHORIZER' })
  })

  it('never makes what it has not registered', async () => {
    const cluster = new FencedCluster()
    cluster.acls.watch = ({ kind, binding }) => {
      expect(kind).toBe('create')
      expect(cluster.registry.has({ kind: 'acl', binding })).toBe(true)
    }
    await cluster.fence().apply()
  })
})

describe('a fence of ACLs whose function is killed', () => {
  const withKiller = (deps: AclFenceDeps, killer: Killer): AclFenceDeps => ({
    ...deps,
    acls: killer.wrap(deps.acls),
    registry: killer.wrap(deps.registry),
  })

  const undisturbed = new Killer(0, 'before')
  const rehearse = async (cluster: FencedCluster, killer: Killer): Promise<void> => {
    const fence = cluster.fence(withKiller(cluster.deps, killer))
    await fence.apply()
    await fence.lift()
  }

  it('is whole when it is asked for again, and leaves nothing when it is lifted, whenever that was', async () => {
    await rehearse(new FencedCluster(), undisturbed)
    const points = killPoints(undisturbed)
    expect(points.length).toBeGreaterThan(10)
    for (const [at, when] of points) {
      const cluster = new FencedCluster()
      await expect(rehearse(cluster, new Killer(at, when))).rejects.toThrow('killed')
      await cluster.fence().apply()
      expect([...cluster.holdsAgainst].sort(), `${when} call ${at}`).toEqual([JOB, SHOP])
      await cluster.fence().lift()
      expect(cluster.acls.texts, `${when} call ${at}`).toEqual(texts(RIGHTS))
      expect(cluster.registry.texts).toEqual([])
    }
  })

  it('leaves nothing when it is lifted at once, as a rollback does', async () => {
    for (const [at, when] of killPoints(undisturbed)) {
      const cluster = new FencedCluster()
      await expect(rehearse(cluster, new Killer(at, when))).rejects.toThrow('killed')
      await cluster.fence().lift()
      expect(cluster.acls.texts, `${when} call ${at}`).toEqual(texts(RIGHTS))
    }
  })
})
