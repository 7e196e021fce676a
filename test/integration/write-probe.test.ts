import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import type { User } from '../../local/kafka/cluster-login.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { connectAccess } from '../../shared/adapters/access-sync-connections.ts'
import { ClusterLogin } from '../../shared/adapters/kafka/cluster-login.ts'
import { KafkaCluster } from '../../shared/adapters/kafka/kafka-cluster.ts'
import { DEFAULT_TIMEOUTS } from '../../shared/adapters/kafka/kafka-timeouts.ts'
import { KafkaWriteProbe } from '../../shared/adapters/kafka/kafka-write-probe.ts'
import type { KafkaRequest } from '../../shared/adapters/kafka/requests/kafka-request.ts'
import { produceRequest } from '../../shared/adapters/kafka/requests/produce-request.ts'
import { RequestWriter } from '../../shared/adapters/kafka/requests/request-writer.ts'
import { crc32c } from '../../shared/domain/crc32c.ts'
import { fenceDenial } from '../../shared/domain/failover/fence-denial.ts'
import { unwritableBatch } from '../../shared/domain/failover/unwritable-batch.ts'
import { accessAs } from '../support/access-login.ts'
import { acl } from '../support/acl-bindings.ts'
import { inTime } from '../support/in-time.ts'
import { openCluster, readBatches } from '../support/target-cluster.ts'

const TOPIC = 'orders'
const OTHER = 'customers'
const CORRUPT_MESSAGE = 2
const INVALID_RECORD = 87
const SHOWN_WITHIN_MS = 20_000

let secure: { cluster: LocalCluster; close: () => Promise<void> }
const open: { close(): void }[] = []

const probeAs = (user: User): KafkaWriteProbe => {
  const { access, secrets } = accessAs(secure.cluster, user)
  const probe = new KafkaWriteProbe(access, { secrets })
  open.push(probe)
  return probe
}

const acls = () => {
  const { access, secrets } = accessAs(secure.cluster, 'admin')
  const admin = connectAccess(access, { secrets, side: 'source' })
  open.push(admin)
  return admin.acls
}

beforeAll(async () => {
  secure = await openCluster({ secure: true })
  await createTopics(secure.cluster, [
    { name: TOPIC, partitions: 2 },
    { name: OTHER, partitions: 1 },
  ])
})
afterAll(async () => {
  for (const connection of open) connection.close()
  await secure?.close()
})

const nothingWasAppended = async (): Promise<void> => {
  for (const [topic, partition] of [
    [TOPIC, 0],
    [TOPIC, 1],
    [OTHER, 0],
  ] as const)
    expect(await readBatches(secure.cluster, topic, partition)).toEqual([])
}

const kinds = async (user: User): Promise<Record<string, string>> => {
  const verdicts = await probeAs(user).ask([TOPIC, OTHER], inTime())
  return Object.fromEntries([...verdicts].map(([topic, { kind }]) => [topic, kind]))
}

const becomes = (user: User, expected: Record<string, string>): Promise<void> =>
  expect.poll(() => kinds(user), { timeout: SHOWN_WITHIN_MS }).toEqual(expected)

const BOTH_REFUSED = { [TOPIC]: 'refused', [OTHER]: 'refused' }

describe('a probe of who may write', () => {
  it('is refused where nobody has allowed anything', async () => {
    expect(await kinds('application')).toEqual(BOTH_REFUSED)
    await nothingWasAppended()
  })

  it('tells a topic that may be written to from one that may not', async () => {
    await acls().create([acl('User:application', 'write', 'topic', TOPIC)], inTime())
    await becomes('application', { [TOPIC]: 'may-write', [OTHER]: 'refused' })
    await nothingWasAppended()
  })

  it('is refused by a fence, and is no more once the fence is gone', async () => {
    const denial = fenceDenial('User:application')
    await acls().create([denial], inTime())
    await becomes('application', BOTH_REFUSED)
    await acls().remove([denial], inTime())
    await becomes('application', { [TOPIC]: 'may-write', [OTHER]: 'refused' })
    await nothingWasAppended()
  })

  it('shows that no ACL binds a super user', async () => {
    await acls().create([fenceDenial('User:admin')], inTime())
    expect(await kinds('admin')).toEqual({ [TOPIC]: 'may-write', [OTHER]: 'may-write' })
    await nothingWasAppended()
  })

  it('says as whom it asks, and what the broker said', async () => {
    const probe = probeAs('admin')
    expect(await probe.principal()).toBe('User:admin')
    const said = expect.stringMatching(/^CORRUPT_MESSAGE by broker \d$/)
    expect((await probe.ask([TOPIC], inTime())).get(TOPIC)).toEqual({ kind: 'may-write', said })
  })

  it('cannot ask with a login that is not accepted', async () => {
    const { access } = accessAs(secure.cluster, 'application')
    const wrong = { ...accessAs(secure.cluster, 'application').secrets }
    const read = async (name: string): Promise<string> =>
      name === 'authority'
        ? wrong.read(name, { fresh: true })
        : JSON.stringify({ username: 'application', password: 'x' })
    const probe = new KafkaWriteProbe(access, { secrets: { read } })
    open.push(probe)
    await expect(probe.ask([TOPIC], inTime())).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
  })
})

/** `acks` is the number after the transactional id, which is null and takes two bytes. */
const withAcks = (request: KafkaRequest<Answer>, acks: number): KafkaRequest<Answer> => ({
  ...request,
  write: (writer) => {
    const own = new RequestWriter()
    request.write(own)
    const bytes = Buffer.concat([...own.take()])
    bytes.writeInt16BE(acks, 2)
    for (const byte of bytes) writer.int8(byte > 127 ? byte - 256 : byte)
  },
})
type Answer = ReturnType<ReturnType<typeof produceRequest>['read']>

const adminCluster = (): KafkaCluster => {
  const { access, secrets } = accessAs(secure.cluster, 'admin')
  const options = { clientId: 'test', unreachable: 'SOURCE_UNREACHABLE', timeouts: DEFAULT_TIMEOUTS } as const
  const cluster = new KafkaCluster(access, new ClusterLogin(access, secrets), options)
  open.push(cluster)
  return cluster
}

const ATTRIBUTES_AT = 21
const CRC_AT = 17
const checksum = (batch: Buffer): number => crc32c(batch, ATTRIBUTES_AT, batch.length)

describe('the batch of the probe', () => {
  it.each([
    ['all', -1],
    ['one', 1],
  ])('is refused by the leader who may write it, with acks of %s replica', async (_name, acks) => {
    const batches = [
      { topic: TOPIC, partition: 0, bytes: unwritableBatch() },
      { topic: TOPIC, partition: 1, bytes: unwritableBatch() },
    ]
    const { results } = await adminCluster().ask(withAcks(produceRequest(batches, 5_000), acks), [inTime().signal])
    expect(results.map(({ error }) => error)).toEqual([CORRUPT_MESSAGE, CORRUPT_MESSAGE])
    await nothingWasAppended()
  })

  it.each([
    ['its checksum is wrong', (batch: Buffer) => batch.writeInt16BE(0, ATTRIBUTES_AT), CORRUPT_MESSAGE],
    ['it claims to be a marker', (batch: Buffer) => batch.writeUInt32BE(checksum(batch), CRC_AT), INVALID_RECORD],
  ])('is refused also if it were only since %s', async (_why, spoil, error) => {
    const batch = Buffer.from(unwritableBatch())
    spoil(batch)
    const request = produceRequest([{ topic: TOPIC, partition: 0, bytes: batch }], 5_000)
    const { results } = await adminCluster().ask(request, [inTime().signal])
    expect(results).toMatchObject([{ error }])
    await nothingWasAppended()
  })
})
