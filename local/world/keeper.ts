import { resolve } from 'node:path'
import { createTopics } from '../kafka/kafka-client.ts'
import type { KeeperNews, KeeperOrder } from './keeper-order.ts'
import { writeDescription, writeKeeper } from './kept-world.ts'
import { startWorld, type World } from './world.ts'
import { describeWorld } from './world-description.ts'
import type { WorldProgress } from './world-progress.ts'

const PARTITIONS = 3

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Brings a world up and keeps it until it is told to end. It is the owner of all processes of the world, so that they
 * end with it; while it is still starting it ends at once, and they are killed.
 */
const keep = async (folder: string, { name, options }: KeeperOrder): Promise<void> => {
  const tell = (news: KeeperNews): void => void (process.connected && process.send?.(news))
  let world: World | undefined
  let staying = false
  const end = async (): Promise<void> => {
    await world?.stop()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => void end())
  process.once('disconnect', () => void (staying || end()))
  process.once('message', () => {
    staying = true
    process.disconnect()
  })
  await writeKeeper(folder, process.pid)
  const onProgress: WorldProgress = (step, what) => tell({ kind: 'progress', step, what })
  world = await startWorld({ ...options, folder, onProgress })
  const topics = world.topology.links.flatMap((link) => link.topics)
  if (topics.length > 0)
    for (const cluster of [world.source, world.target]) await createTopics(cluster, topics, PARTITIONS)
  const description = describeWorld(world, { name, keeper: process.pid })
  await writeDescription(description)
  tell({ kind: 'up', description })
}

const [folder = '', order = '{}'] = process.argv.slice(2)
try {
  await keep(resolve(folder), JSON.parse(order))
} catch (error) {
  process.send?.({ kind: 'failed', reason: messageOf(error) } satisfies KeeperNews)
  process.exitCode = 1
  process.disconnect?.()
}
