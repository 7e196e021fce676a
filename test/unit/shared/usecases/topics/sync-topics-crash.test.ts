import { describe, expect, it } from 'vitest'
import type { SyncTopicsDeps } from '../../../../../shared/usecases/topics/sync-topics.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'
import { plannedLink } from '../../../../support/model-topic.ts'
import { MINUTE_MS, SyncWorld } from '../../../../support/sync-world.ts'

const PASSES = 4
const LONG_AGO = Date.UTC(2025, 0, 1)

/** Something to do of every kind: new, grown, made again, deleted, compacted, excluded by now, with a mapping that differs. */
const startWorld = async (): Promise<SyncWorld> => {
  const world = new SyncWorld(plannedLink({ onSourceDelete: { deleteAfterDays: 30 } }))
  for (const topic of ['grown', 'again', 'gone', 'excluded', 'differs', 'keyed']) world.put(topic)
  await world.settle()
  for (const partition of [0, 1]) await world.replicated({ topic: 'again', partition }, 50n)
  await world.replicated({ topic: 'gone', partition: 1 }, 50n)
  world.sawLast({ topic: 'gone', partition: 1 }, 60n)
  world.sawLast({ topic: 'again', partition: 0 }, 55n)
  const gone = world.ledger.records.get('gone')
  if (gone !== undefined) world.ledger.records.set('gone', { ...gone, missingSince: LONG_AGO })
  world.source.topics.delete('gone')
  world.put('new', 'life-1', { partitions: 6, settings: { 'cleanup.policy': 'compact' } })
  world.put('grown', 'life-1', { partitions: 6, settings: { 'retention.ms': '1000' } })
  world.put('again', 'life-2')
  world.put('keyed', 'life-1', { settings: { 'cleanup.policy': 'compact' } })
  world.hold({ topic: 'keyed', partition: 1 }, 20n)
  await world.replicated({ topic: 'keyed', partition: 1 }, 10n)
  world.link = plannedLink({ onSourceDelete: { deleteAfterDays: 30 }, exclude: ['^excluded$'] })
  const differs = world.mappingOf('differs')
  if (differs !== undefined) world.mappings.mappings.set(differs.id, { ...differs, differs: 'settings' })
  return world
}

const withKiller = (deps: SyncTopicsDeps, killer: Killer): SyncTopicsDeps => ({
  ...deps,
  source: killer.wrap(deps.source),
  target: killer.wrap(deps.target),
  sourceLog: killer.wrap(deps.sourceLog),
  groups: killer.wrap(deps.groups),
  ledger: killer.wrap(deps.ledger),
  state: killer.wrap(deps.state),
  lag: killer.wrap(deps.lag),
  pages: killer.wrap(deps.pages),
  mappings: killer.wrap(deps.mappings),
})

/** Time stands still, so that only what was done is compared. */
const passOnce = async (world: SyncWorld, deps: SyncTopicsDeps): Promise<void> => {
  await world.pass(deps).catch((error: unknown) => {
    if (!(error instanceof Error) || error.message !== 'killed') throw error
  })
  world.now -= MINUTE_MS
}

const settle = async (world: SyncWorld): Promise<void> => {
  for (let pass = 0; pass < 2 * PASSES; pass++) await passOnce(world, world.deps)
  await world.replicated({ topic: 'keyed', partition: 1 }, 20n)
  for (let pass = 0; pass < PASSES; pass++) await passOnce(world, world.deps)
}

const headsOf = ({ state, target }: SyncWorld, topic: string) =>
  Array.from({ length: target.topics.get(`west.${topic}`)?.partitions ?? 0 }, (_, partition) => {
    const head = state.head({ topic, partition })
    return head && { ...head, updatedAt: 0, pages: state.pages({ topic, partition }, 'life-1') }
  })

const gapsOf = ({ state }: SyncWorld, topic: string, partition: number) =>
  state.recorded({ topic, partition }).map(({ from, to, kind }) => ({ from, to, kind }))

/** Everything but ids and what was done on the way. */
const endOf = (world: SyncWorld) => ({
  target: [...world.target.topics]
    .map(([topic, { partitions, settings }]) => [topic, partitions, Object.fromEntries([...settings].sort())])
    .sort(),
  ledger: Object.fromEntries([...world.ledger.records].sort()),
  heads: ['again', 'keyed'].map((topic) => headsOf(world, topic)),
  groups: world.groups.positions,
  gaps: [gapsOf(world, 'gone', 1), gapsOf(world, 'again', 0)],
  mappings: [...world.mappings.mappings.values()].map(({ id: _, ...mapping }) => mapping).sort(byTopic),
})

const byTopic = (one: { readonly topic: string }, other: { readonly topic: string }): number =>
  one.topic < other.topic ? -1 : 1

const run = async (killer: Killer): Promise<SyncWorld> => {
  const world = await startWorld()
  for (let pass = 0; pass < PASSES && !killer.hasKilled; pass++) await passOnce(world, withKiller(world.deps, killer))
  await settle(world)
  return world
}

describe('a pass that is killed at any call of any port, and what the passes after it come to', async () => {
  const counter = new Killer(0, 'before')
  const undisturbed = await run(counter)

  it('is the same as if nothing had happened, which is everything that was to do', () => {
    const { target, ledger, mappings } = endOf(undisturbed)
    expect(target.map(([topic]) => topic)).toEqual(
      ['any', 'again', 'differs', 'excluded', 'grown', 'keyed', 'new']
        .map((topic) => (topic === 'any' ? topic : `west.${topic}`))
        .sort(),
    )
    expect(target.find(([topic]) => topic === 'west.keyed')?.[2]).toMatchObject({ 'cleanup.policy': 'compact' })
    expect(ledger).toMatchObject({ again: { incarnation: 'life-2' }, gone: { removedAt: undisturbed.now } })
    expect(mappings.map(({ topic, state, differs }) => [topic, state, differs])).toEqual(
      ['again', 'differs', 'grown', 'keyed', 'new'].map((topic) => [topic, 'Enabled', undefined]),
    )
    expect(undisturbed.groups.positions.size).toBe(1)
    expect(endOf(undisturbed).gaps).toMatchObject([[{ from: 50n, to: 60n }], [{ from: 50n, to: 55n }]])
  })

  it.each(killPoints(counter))('call %i, %s its effect', async (at, when) => {
    const killer = new Killer(at, when)
    const world = await run(killer)
    expect(killer.hasKilled).toBe(true)
    expect(endOf(world)).toEqual(endOf(undisturbed))
  })
})
