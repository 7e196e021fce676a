import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { ClusterLogin } from '../../shared/adapters/kafka/cluster-login.ts'
import { KafkaCluster } from '../../shared/adapters/kafka/kafka-cluster.ts'
import { KafkaGroupAdmin } from '../../shared/adapters/kafka/kafka-group-admin.ts'
import { DEFAULT_TIMEOUTS } from '../../shared/adapters/kafka/kafka-timeouts.ts'
import type { KafkaRequest } from '../../shared/adapters/kafka/requests/kafka-request.ts'
import type { KafkaAccess } from '../../shared/domain/kafka-access.ts'
import { newOffsets, outcomes } from '../support/group-admin-contract.ts'
import { inTime } from '../support/in-time.ts'
import { NO_SECRETS, openAccess, openCluster } from '../support/target-cluster.ts'

let access: KafkaAccess
let close: () => Promise<void>
let admin: KafkaGroupAdmin

beforeAll(async () => {
  const opened = await openCluster({ version: '4.3.1' }) // share groups came with Kafka 4
  close = opened.close
  access = openAccess(opened.cluster.bootstrapServers)
  admin = new KafkaGroupAdmin(access, { secrets: NO_SECRETS, side: 'target' })
  await createTopics(opened.cluster, [{ name: 'orders', partitions: 1 }])
  await admin.committed(['sharing'], inTime()) // no broker coordinates anything before somebody asks which one does
})
afterAll(async () => {
  admin?.close()
  await close?.()
})

const JOIN = 0
const LEAVE = -1

/** ShareGroupHeartbeat v1; returns Kafka's error number. */
const heartbeat = (group: string, epoch: typeof JOIN | typeof LEAVE): KafkaRequest<number> => ({
  name: 'ShareGroupHeartbeat',
  apiKey: 76,
  apiVersion: 1,
  flexible: true,
  write: (writer) => {
    writer.compactString(group).compactString('AAAAAAAAAAAAAAAAAAAAAQ').int32(epoch).nullCompactString()
    if (epoch === JOIN) writer.compactArray(['orders'], (topic) => writer.compactString(topic))
    else writer.nullCompactArray()
    writer.noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.int16()
  },
})

/** Of the only broker there is. */
const ask = async (request: KafkaRequest<number>): Promise<number> => {
  const options = { clientId: 'test', unreachable: 'TARGET_UNREACHABLE', timeouts: DEFAULT_TIMEOUTS } as const
  const cluster = new KafkaCluster(access, new ClusterLogin(access, NO_SECRETS), options)
  try {
    return await cluster.ask(request, [inTime().signal])
  } finally {
    cluster.close()
  }
}

describe('a share group', () => {
  it('is told apart, has no offsets, and takes none, with members and without', async () => {
    const wanted = new Map([['sharing', newOffsets({ orders: { 0: 5n } })]])
    const seen = async () => ({
      listed: (await admin.list(inTime())).groups.get('sharing'),
      offsets: outcomes((await admin.committed(['sharing'], inTime())).get('sharing')),
      commit: outcomes((await admin.commit(wanted, inTime())).get('sharing')),
    })
    const refused = { offsets: {}, commit: { 'orders-0': 'GROUP_REFUSED' } }
    await expect.poll(() => ask(heartbeat('sharing', JOIN)), { timeout: 20_000 }).toBe(0)
    expect(await seen()).toEqual({ listed: { group: 'sharing', life: 'live', kind: 'share' }, ...refused })
    expect(await ask(heartbeat('sharing', LEAVE))).toBe(0)
    expect(await seen()).toEqual({ listed: { group: 'sharing', life: 'empty', kind: 'share' }, ...refused })
  })
})
