import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bindingText } from '../../../../../shared/domain/access/acl-binding.ts'
import { rightText } from '../../../../../shared/domain/access/own-right.ts'
import type { Naming } from '../../../../../shared/domain/topology/topology.ts'
import { mayDo } from '../../../../support/acl-judgement.ts'
import {
  type AccessEvent,
  anyAccessEvents,
  anyAclOfNewTopic,
  anyNaming,
  anySourceAcl,
} from '../../../../support/any-access.ts'
import { WatchedAccess } from '../../../../support/watched-access.ts'

const RUNS = { numRuns: 400 }

const happened = async (naming: Naming, events: readonly AccessEvent[]): Promise<WatchedAccess> => {
  const watched = new WatchedAccess(naming)
  for (const event of events) await watched.happen(event)
  await watched.world.pass()
  return watched
}

describe('passes over rights, whatever happens between them', () => {
  it('touch nothing of anybody else, grant nothing that is held, and allow nothing before it is denied', async () => {
    await fc.assert(
      fc.asyncProperty(anyNaming, anyAccessEvents, async (naming, events) => {
        const watched = await happened(naming, events)
        expect(watched.offences).toEqual([])
        expect(watched.world.target.acls.texts).toEqual(expect.arrayContaining([...watched.foreign.keys()]))
      }),
      RUNS,
    )
  })

  it('do so too when the target refuses some of the changes, and make up for it afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(anyNaming, anyAccessEvents, fc.integer({ min: 1, max: 4 }), async (naming, events, every) => {
        const watched = new WatchedAccess(naming)
        const { acls } = watched.world.target
        let changes = 0
        acls.refuses = () => changes++ % every === 0
        for (const event of events) await watched.happen(event)
        await watched.world.pass()
        acls.refuses = () => false
        await watched.world.pass()
        expect(watched.offences).toEqual([])
        const { wanted, foreign } = watched
        expect(acls.texts).toEqual([...new Set([...wanted.keys(), ...foreign.keys()])].sort())
      }),
      RUNS,
    )
  })

  it('come to what is wanted and what was there, and then have nothing to do', async () => {
    await fc.assert(
      fc.asyncProperty(anyNaming, anyAccessEvents, async (naming, events) => {
        const watched = await happened(naming, events)
        const { world, wanted, foreign } = watched
        expect(world.target.acls.texts).toEqual([...new Set([...wanted.keys(), ...foreign.keys()])].sort())
        const before = world.target.acls.changes.length
        const report = await world.pass()
        expect([report.granted, report.revoked, world.target.acls.changes.length]).toEqual([[], [], before])
      }),
      RUNS,
    )
  })

  it('register exactly what is on the target and nobody else’s', async () => {
    await fc.assert(
      fc.asyncProperty(anyNaming, anyAccessEvents, async (naming, events) => {
        const { world, foreign } = await happened(naming, events)
        const ours = world.target.acls.bindings.filter((binding) => !foreign.has(bindingText(binding)))
        expect(world.registry.texts).toEqual(ours.map((binding) => rightText({ kind: 'acl', binding })).sort())
      }),
      RUNS,
    )
  })
})

const TOPICS = ['orders', 'orders.eu', 'orders.new', 'payments']
const PRINCIPALS = { 'User:app': 'User:app-east', 'User:job': 'User:job' }

describe('what a principal may do on the target', () => {
  it('is what it may do on the source with rights of its own, but for writing to a standby', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyNaming,
        fc.array(anySourceAcl, { maxLength: 12 }),
        fc.boolean(),
        async (naming, acls, isActive) => {
          const watched = new WatchedAccess(naming)
          const { world } = watched
          for (const topic of TOPICS) world.replicate(topic)
          world.source.acls.put(...acls)
          if (isActive) world.promote('active')
          await world.pass()
          const own = acls.filter(({ principal, permission }) => principal !== 'User:*' || permission === 'deny')
          for (const [principal, onTarget] of Object.entries(PRINCIPALS))
            for (const operation of ['read', 'write', 'describe'] as const)
              for (const [topic, { targetTopic }] of world.topics.records) {
                const resource = 'topic' as const
                const may = mayDo(own, { principal, operation, resource, name: topic })
                const mayThere = mayDo(world.target.acls.bindings, {
                  principal: onTarget,
                  operation,
                  resource,
                  name: targetTopic,
                })
                expect([topic, principal, operation, mayThere]).toEqual([
                  topic,
                  principal,
                  operation,
                  may && (isActive || operation !== 'write'),
                ])
              }
        },
      ),
      RUNS,
    )
  })

  it('is no more than on the source either with a topic whose replica has just appeared, before any pass', async () => {
    await fc.assert(
      fc.asyncProperty(anyNaming, fc.array(anyAclOfNewTopic, { maxLength: 4 }), async (naming, acls) => {
        const { world } = new WatchedAccess(naming)
        world.source.acls.put(...acls)
        world.promote('active')
        await world.pass()
        world.replicate('orders.new')
        const name = 'orders.new'
        const replica = world.topics.records.get(name)?.targetTopic ?? ''
        for (const [principal, onTarget] of Object.entries(PRINCIPALS))
          for (const operation of ['read', 'write'] as const) {
            const attempt = { operation, resource: 'topic' as const }
            const mayThere = mayDo(world.target.acls.bindings, { ...attempt, principal: onTarget, name: replica })
            if (mayThere) expect(mayDo(acls, { ...attempt, principal, name })).toBe(true)
          }
      }),
      RUNS,
    )
  })
})
