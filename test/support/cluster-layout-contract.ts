import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Layout } from '../../shared/domain/racks/cluster-layout.ts'
import type { ClusterLayout } from '../../shared/usecases/racks/rack-ports.ts'
import { inTime } from './in-time.ts'

/** What is needed to hold a `ClusterLayout` to its contract: three brokers, 1 to 3, in racks a to c, each a controller too. */
export interface LayoutWorld {
  /** Of a target. */
  readonly layout: ClusterLayout
  /** `replicas`: the nodes of each partition. */
  createTopic(topic: string, replicas: readonly (readonly number[])[]): Promise<void>
  kill(node: number): Promise<void>
  close?(): Promise<void>
}

const SHOWN = { timeout: 30_000 }

/** The sentences that hold for every `ClusterLayout`. The last one costs the world a broker. */
export const describeClusterLayout = (name: string, open: () => Promise<LayoutWorld>) =>
  describe(`${name} keeps the contract of a cluster's layout`, () => {
    let world: LayoutWorld
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world?.close?.())

    const look = (): Promise<Layout> => world.layout.describe(inTime())
    const partitionsOf = async (topic: string) =>
      (await look()).partitions
        .filter((partition) => partition.topic === topic)
        .sort((one, other) => one.partition - other.partition)
        .map(({ leader, replicas, inSync }) => ({ leader, replicas, inSync: [...inSync].sort() }))
    const nodesUp = async () => (await look()).brokers.map(({ node }) => node).sort()

    it('tells where each broker stands', async () => {
      const brokers = async () => [...(await look()).brokers].sort((one, other) => one.node - other.node)
      await expect.poll(brokers, SHOWN).toEqual([
        { node: 1, rack: 'a' },
        { node: 2, rack: 'b' },
        { node: 3, rack: 'c' },
      ])
      expect((await look()).undescribed).toEqual([])
    })

    it('tells of each partition where its replicas are, who leads it, and who is in sync', async () => {
      await world.createTopic('all', [[2, 1, 3]])
      await world.createTopic('pairs', [
        [3, 2],
        [1, 3],
      ])
      await expect
        .poll(async () => [...(await partitionsOf('all')), ...(await partitionsOf('pairs'))], SHOWN)
        .toEqual([
          { leader: 2, replicas: [2, 1, 3], inSync: [1, 2, 3] },
          { leader: 3, replicas: [3, 2], inSync: [2, 3] },
          { leader: 1, replicas: [1, 3], inSync: [1, 3] },
        ])
    })

    it('tells who votes, and that they follow', async () => {
      const voters = async () => {
        const { quorum } = await look()
        if (quorum.kind === 'untold') return quorum.because
        return [...quorum.voters].sort((one, other) => one.node - other.node)
      }
      await expect.poll(voters, SHOWN).toEqual([1, 2, 3].map((node) => ({ node, follows: true })))
    })

    it('does not wait beyond the deadline', async () => {
      const late = { at: Date.now() - 1, signal: AbortSignal.abort() }
      await expect(world.layout.describe(late)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
    })

    it('shows what a broker that died leaves behind', async () => {
      const left = async () => [...(await partitionsOf('left-to-one')), ...(await partitionsOf('left-to-none'))]
      await world.createTopic('left-to-one', [[1, 2]])
      await world.createTopic('left-to-none', [[1]])
      await expect.poll(async () => (await left()).length, SHOWN).toBe(2)
      await world.kill(1)
      await expect.poll(nodesUp, SHOWN).toEqual([2, 3])
      await expect.poll(left, SHOWN).toEqual([
        { leader: 2, replicas: [1, 2], inSync: [2] },
        { leader: undefined, replicas: [1], inSync: expect.any(Array) }, // older brokers leave the last one in
      ])
      const silent = async () => {
        const { quorum } = await look()
        return quorum.kind === 'told' && quorum.voters.flatMap(({ node, follows }) => (follows ? [] : [node]))
      }
      await expect.poll(silent, SHOWN).toEqual([1])
    })
  })
