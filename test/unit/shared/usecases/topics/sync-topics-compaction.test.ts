import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { passReport } from '../../../../../shared/usecases/topics/pass-report.ts'
import { kindsOf, replacing, SyncWorld } from '../../../../support/sync-world.ts'

const COMPACT = { 'cleanup.policy': 'compact' }
const [first, second] = [0, 1].map((partition) => ({ topic: 'state', partition })) as [Id, Id]
type Id = { readonly topic: string; readonly partition: number }

let world: SyncWorld
beforeEach(() => {
  world = new SyncWorld()
})

const policy = () => world.target.topics.get('west.state')?.settings.get('cleanup.policy')
const keyedFrom = () => world.ledger.records.get('state')?.keyedFrom

/** Keyless up to offset 30 in one partition, and up to 10 in the other, when it is first seen compacted. */
const waiting = async (): Promise<void> => {
  world.put('state', 'life-1', { partitions: 2, settings: COMPACT })
  world.hold(first, 30n)
  world.hold(second, 10n)
  await world.settle()
}

describe('a topic that its source compacts', () => {
  it('is compacted at once where nothing is in it', async () => {
    world.put('state', 'life-1', { settings: COMPACT })
    await world.settle()
    expect([policy(), keyedFrom()]).toEqual(['compact', undefined])
  })

  it('keeps everything until each partition is replicated as far as it went when it was first seen so', async () => {
    await waiting()
    expect([policy(), keyedFrom()]).toEqual(['delete', [30n, 10n]])
    for (const partition of [first, second]) world.hold(partition, 500n)
    await world.replicated(first, 500n)
    await world.settle()
    expect(policy()).toBe('delete')
    await world.replicated(second, 9n)
    await world.settle()
    expect([policy(), keyedFrom()]).toEqual(['delete', [30n, 10n]])
    await world.replicated(second, 10n)
    await world.settle()
    expect([policy(), keyedFrom()]).toEqual(['compact', undefined])
  })

  it('waits for no partition that came later', async () => {
    await waiting()
    world.put('state', 'life-1', { partitions: 3, settings: COMPACT })
    world.hold({ topic: 'state', partition: 2 }, 99n)
    await world.replicated(first, 30n)
    await world.replicated(second, 10n)
    await world.settle()
    expect(policy()).toBe('compact')
  })

  it('waits anew in a new life, which checkpoints of the old one do not shorten', async () => {
    await waiting()
    await world.replicated(first, 30n)
    world.put('state', 'life-2', { partitions: 2, settings: COMPACT })
    world.hold(first, 8n)
    await world.settle()
    expect([policy(), keyedFrom()]).toEqual(['delete', [8n, 0n]])
    await world.replicated(first, 8n, 'life-2')
    await world.settle()
    expect(policy()).toBe('compact')
  })

  it('has its ends asked for once, and no heads read once it is compacted', async () => {
    await waiting()
    expect(world.endsAsked).toBe(2)
    await world.replicated(first, 30n)
    await world.replicated(second, 10n)
    await world.settle()
    world.headsRead.length = 0
    await world.pass()
    expect([world.endsAsked, world.headsRead]).toEqual([2, [0, 0]])
  })

  it('goes on waiting while nobody can tell where it ends, and stops no other topic', async () => {
    world.put('state', 'life-1', { settings: COMPACT })
    world.put('orders')
    const { deps } = world
    const describe = () => Promise.reject(new ReplicationError('SOURCE_UNREACHABLE', 'injected'))
    const pass = await world.pass({ ...deps, sourceLog: replacing(deps.sourceLog, { describe }) })
    expect(passReport(pass).troubles).toHaveLength(1)
    expect(policy()).toBe('delete')
    expect(world.mappingOf('orders')?.state).toBe('Enabled')
    await world.settle()
    expect(policy()).toBe('compact')
  })

  it('is compacted no more when its source is not', async () => {
    await waiting()
    world.put('state', 'life-1', { partitions: 2 })
    await world.settle()
    expect([policy(), keyedFrom()]).toEqual([undefined, undefined])
    expect(kindsOf(await world.pass())).toEqual([])
  })
})
