import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterAccess } from '../../check/broker-connections.ts'
import { endsOf } from '../../check/log-reader.ts'
import { topicNames } from '../../kafka/local-topics.ts'
import type { World } from '../../world/world.ts'
import type { Stage } from './scenario.ts'

/** Long enough for a record to go round several times. */
const WATCHED_MS = 4_000

const endsOn = async (access: ClusterAccess): Promise<string[]> => {
  const topics = (await topicNames(access)).filter((topic) => !topic.startsWith('__')).sort()
  return Promise.all(topics.map(async (topic) => `${topic} ${(await endsOf(access, topic)).join(',')}`))
}

const allEnds = async ({ clusters }: World): Promise<string[]> => {
  const ends = await Promise.all(
    [...clusters].map(async ([name, access]) => (await endsOn(access)).map((line) => `${name}/${line}`)),
  )
  return ends.flat()
}

/** When nobody writes any more and all is replicated, what circulates shows as ends that go on growing. */
export const standStill = (stage: Stage, world: World): Promise<void> =>
  stage.steps.show('nobody writes any more: do the ends of all partitions stand still?', async () => {
    const before = await allEnds(world)
    await pause(WATCHED_MS)
    const moved = (await allEnds(world)).filter((line) => !before.includes(line))
    stage.check(`topics whose ends moved within ${WATCHED_MS / 1000} s of silence, and new ones`, {
      held: moved.length === 0,
      measured: moved.length === 0 ? 0 : moved.join('; '),
      expected: 0,
    })
  })
