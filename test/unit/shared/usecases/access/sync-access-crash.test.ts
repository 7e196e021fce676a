import { describe, expect, it } from 'vitest'
import type { SyncAccessDeps } from '../../../../../shared/usecases/access/sync-access.ts'
import { acl } from '../../../../support/acl-bindings.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'
import { WatchedAccess } from '../../../../support/watched-access.ts'

const deny = { permission: 'deny' } as const
const topic = (principal: string, operation: 'read' | 'all' | 'write', name: string, changes = {}) =>
  acl(principal, operation, 'topic', name, changes)

/** Something to do of every kind: to deny, to allow, to make whole, to take away, to undeny, quotas to set and to unset. */
const startWorld = async (): Promise<WatchedAccess> => {
  const watched = new WatchedAccess('prefix')
  const { source } = watched.world
  const goes = [topic('User:app', 'read', 'orders.eu'), topic('User:app', 'write', 'orders.eu', deny)]
  source.acls.put(...goes, topic('User:app', 'all', 'orders'))
  source.quotas.put(
    { user: 'app', key: 'producer_byte_rate', value: 1 },
    { user: 'job', key: 'producer_byte_rate', value: 1 },
  )
  await watched.happen({ kind: 'somebody-adds', binding: topic('User:job', 'read', 'west.orders') })
  await watched.world.pass()
  await watched.happen({ kind: 'promote' })
  source.acls.take(...goes)
  source.acls.put(topic('User:job', 'all', 'ord', { pattern: 'prefixed' }), topic('User:*', 'write', 'orders.eu', deny))
  source.quotas.take({ user: 'job', key: 'producer_byte_rate', value: 1 })
  source.quotas.put({ user: 'app', key: 'consumer_byte_rate', value: 2 })
  return watched
}

const withKiller = (deps: SyncAccessDeps, killer: Killer): SyncAccessDeps => {
  const wrapAll = ({ acls, quotas, scram, clusterId }: SyncAccessDeps['source']) => ({
    ...killer.wrap({ clusterId }),
    acls: killer.wrap(acls),
    quotas: killer.wrap(quotas),
    scram: killer.wrap(scram),
  })
  return {
    ...deps,
    source: wrapAll(deps.source),
    target: wrapAll(deps.target),
    topics: killer.wrap(deps.topics),
    registry: killer.wrap(deps.registry),
    returning: deps.returning.map((ledger) => killer.wrap(ledger)),
    state: killer.wrap(deps.state),
  }
}

const run = async (killer: Killer): Promise<WatchedAccess> => {
  const watched = await startWorld()
  const { world } = watched
  await world.pass(withKiller(world.deps, killer)).catch((error: unknown) => {
    if (!(error instanceof Error) || error.message !== 'killed') throw error
  })
  expect(unregistered(watched)).toEqual([])
  await world.pass()
  return watched
}

/** What is on the target, nobody else's, and not in the registry either. */
const unregistered = ({ world, foreign }: WatchedAccess): string[] => {
  const ours = world.registry.texts
  return world.target.acls.texts.filter((text) => !foreign.has(text) && !ours.includes(`acl ${text}`))
}

const endOf = ({ world, offences }: WatchedAccess) => ({
  acls: world.target.acls.texts,
  quotas: world.target.quotas.quotas,
  registry: world.registry.texts,
  offences,
})

describe('a pass over rights that is killed at any call of any port, and the pass after it', async () => {
  const counter = new Killer(0, 'before')
  const undisturbed = await run(counter)

  it('is the same as if nothing had happened, which is everything that was to do', async () => {
    const { acls, quotas, offences } = endOf(undisturbed)
    expect(offences).toEqual([])
    expect(acls).toHaveLength(5) // two whole rights, two denials, and somebody else's
    expect(quotas.map(({ user, key }) => [user, key])).toEqual([
      ['app-east', 'consumer_byte_rate'],
      ['app-east', 'producer_byte_rate'],
    ])
    expect(await undisturbed.world.pass()).toMatchObject({ granted: [], revoked: [], quotas: [] })
  })

  it.each(killPoints(counter))('call %i, %s its effect', async (at, when) => {
    const killer = new Killer(at, when)
    const killed = await run(killer)
    expect(killer.hasKilled).toBe(true)
    expect(endOf(killed)).toEqual(endOf(undisturbed))
  })
})
