import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { KafkaGroupAdmin } from '../../shared/adapters/kafka/kafka-group-admin.ts'
import { newOffsets, outcomes } from '../support/group-admin-contract.ts'
import { inTime } from '../support/in-time.ts'
import { NO_SECRETS, openAccess, openCluster } from '../support/target-cluster.ts'

let cluster: LocalCluster
let close: () => Promise<void>
let admin: KafkaGroupAdmin

const GROUPS = Array.from({ length: 60 }, (_, index) => `group-${index}`)

const commitAll = async (offset: bigint, deadlineMs?: number): Promise<unknown[]> => {
  const wanted = new Map(GROUPS.map((group) => [group, newOffsets({ orders: { 0: offset } })]))
  return [...(await admin.commit(wanted, inTime(deadlineMs))).values()].map(outcomes)
}

const readAll = async (deadlineMs?: number): Promise<unknown[]> =>
  [...(await admin.committed(GROUPS, inTime(deadlineMs))).values()].map(outcomes)

const everywhere = (answer: unknown): unknown[] => GROUPS.map(() => ({ 'orders-0': answer }))

beforeAll(async () => {
  ;({ cluster, close } = await openCluster({ brokers: 3, properties: { 'broker.session.timeout.ms': '9000' } }))
  await createTopics(cluster, [{ name: 'orders', partitions: 1 }])
  const timeouts = { connectMs: 1_000, loginMs: 1_500, questionMs: 1_500, bulkMs: 3_000 }
  admin = new KafkaGroupAdmin(openAccess(cluster.bootstrapServers), { secrets: NO_SECRETS, side: 'target', timeouts })
})
afterAll(async () => {
  admin?.close()
  await close?.()
})

describe('groups with three coordinators', () => {
  it('are all listed, committed for and read', async () => {
    expect(await commitAll(5n)).toEqual(everywhere('committed'))
    expect(await readAll()).toEqual(everywhere(5n))
    const { groups, troubles } = await admin.list(inTime())
    expect([...groups.keys()].sort()).toEqual([...GROUPS].sort())
    expect(troubles).toEqual([])
  })

  it('of a broker that hangs stop no others', async () => {
    const [broker] = cluster.brokers
    broker?.pause()
    try {
      const read = await readAll(4_000)
      const unread = read.filter((answer) => answer === 'TARGET_UNREACHABLE').length
      expect(unread).toBeGreaterThan(0)
      expect(read.filter((answer) => answer !== 'TARGET_UNREACHABLE')).toEqual(everywhere(5n).slice(unread))
      expect(unread).toBeLessThan(GROUPS.length)
    } finally {
      broker?.resume()
    }
    await expect.poll(() => readAll(), { timeout: 60_000 }).toEqual(everywhere(5n))
  })

  it('of a broker that dies are listed, read and moved when others have them', async () => {
    await cluster.brokers[0]?.kill()
    const { groups, troubles } = await admin.list(inTime())
    expect(troubles).toMatchObject([{ code: 'TARGET_UNREACHABLE' }])
    expect(groups.size).toBeLessThan(GROUPS.length)
    expect(groups.size).toBeGreaterThan(0)
    expect(await commitAll(6n, 60_000)).toEqual(everywhere('committed'))
    expect(await readAll(60_000)).toEqual(everywhere(6n))
    const whole = async () => {
      const list = await admin.list(inTime())
      return { groups: list.groups.size, troubles: list.troubles.length }
    }
    await expect.poll(whole, { timeout: 60_000 }).toEqual({ groups: GROUPS.length, troubles: 0 })
  })
})
