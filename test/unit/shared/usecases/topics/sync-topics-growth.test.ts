import { describe, expect, it } from 'vitest'
import { replacing, SyncWorld } from '../../../../support/sync-world.ts'

const PARTITIONS = 6
/** What one request is for, see `KafkaTopicAdmin` and `LinkTable`. */
const TOPICS_A_REQUEST = 200
const HEADS_A_REQUEST = 99

const worldOf = (topics: number): SyncWorld => {
  const world = new SyncWorld()
  for (let topic = 0; topic < topics; topic++) world.put(`topic-${topic}`, `life-${topic}`, { partitions: PARTITIONS })
  return world
}

const requestsOf = async (world: SyncWorld) => {
  const kinds = ({ requests }: SyncWorld['source']) => ({ ...requests })
  const [source, target] = [kinds(world.source), kinds(world.target)]
  world.headsRead.length = 0
  world.mappings.changes.length = 0
  const pass = await world.pass()
  const since = (now: SyncWorld['source'], before: typeof source) =>
    Object.fromEntries(
      Object.entries(now.requests)
        .map(([kind, count]) => [kind, count - before[kind as keyof typeof before]])
        .filter(([, count]) => count !== 0),
    )
  return {
    steps: pass.plan.steps.length,
    source: since(world.source, source),
    target: since(world.target, target),
    headReads: world.headsRead.reduce((sum, heads) => sum + Math.ceil(heads / HEADS_A_REQUEST), 0),
    mappings: world.mappings.changes.length,
  }
}

describe('what a pass asks for grows with topics divided by hundreds', () => {
  it.each([10, 100, 1_000])('and with %i topics in step needs no heads at all', async (topics) => {
    const world = worldOf(topics)
    await world.settle()
    const bulk = Math.ceil(topics / TOPICS_A_REQUEST)
    expect(await requestsOf(world)).toEqual({
      steps: 0,
      source: { describe: 1, settings: bulk },
      target: { describe: 1, settings: bulk },
      headReads: 0,
      mappings: 0,
    })
  })

  it.each([10, 100, 1_000])('and with %i new topics needs their heads once', async (topics) => {
    const bulk = Math.ceil(topics / TOPICS_A_REQUEST)
    expect(await requestsOf(worldOf(topics))).toEqual({
      steps: 3 * topics,
      source: { describe: 1, settings: bulk },
      target: { describe: 1, settings: 1, create: bulk },
      headReads: Math.ceil((topics * PARTITIONS) / HEADS_A_REQUEST),
      mappings: topics,
    })
  })

  it('and of a thousand writes waits for some before it sends the next', async () => {
    const world = worldOf(1_000)
    const { deps } = world
    let [open, most] = [0, 0]
    const ledger = replacing(deps.ledger, {
      remember: async (...args) => {
        most = Math.max(most, ++open)
        const answer = await deps.ledger.remember(...args)
        open--
        return answer
      },
    })
    await world.pass({ ...deps, ledger })
    expect([world.ledger.records.size, most]).toEqual([1_000, 50])
  })

  it('and one topic among a thousand that was made again costs the heads of that one', async () => {
    const world = worldOf(1_000)
    await world.settle()
    world.put('topic-7', 'another life', { partitions: PARTITIONS })
    world.headsRead.length = 0
    await world.pass()
    expect(world.headsRead).toEqual([0, PARTITIONS])
  })
})
