import type { Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { accessLedger } from '../../shared/adapters/dynamodb/access-ledger.ts'
import { FENCES_KEY } from '../../shared/adapters/dynamodb/item-keys.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { AccessCluster } from '../../shared/adapters/kafka/access-cluster.ts'
import { ClusterLogin } from '../../shared/adapters/kafka/cluster-login.ts'
import { KafkaAclAdmin } from '../../shared/adapters/kafka/kafka-acl-admin.ts'
import { KafkaLogReader } from '../../shared/adapters/kafka/kafka-log-reader.ts'
import { KafkaWriteProbe } from '../../shared/adapters/kafka/kafka-write-probe.ts'
import { rest } from '../../shared/adapters/running-deadline.ts'
import { bindingText } from '../../shared/domain/access/acl-binding.ts'
import { fenceDenial } from '../../shared/domain/failover/fence-denial.ts'
import { aclFence } from '../../shared/usecases/failover/acl-fence.ts'
import type { FenceReport } from '../../shared/usecases/failover/fence-report.ts'
import { applyFences, liftFences, type ProofDeps, proveFences } from '../../shared/usecases/failover/fences.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import { accessAs } from '../support/access-login.ts'
import { acl } from '../support/acl-bindings.ts'
import { inTime } from '../support/in-time.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'
import { openCluster } from '../support/target-cluster.ts'

const TOPICS = ['orders', 'customers'] as const
const APPLICATION = 'User:application'
const CAUSE = { pair: 'pair', from: 'west', to: 'east', epoch: 1, execution: 'first', startedAt: 1_000 }
const STILL_MS = 1_000
const WITHIN_MS = 30_000

const { client, newTable } = dynamoDbForTests()
const open: { close(): void }[] = []
let secure: { cluster: LocalCluster; close: () => Promise<void> }
let deps: ProofDeps
let acls: KafkaAclAdmin

const opened = <Connection extends { close(): void }>(connection: Connection): Connection => {
  open.push(connection)
  return connection
}

beforeAll(async () => {
  secure = await openCluster({ secure: true })
  const topics = TOPICS.map((name) => ({ name, partitions: 2 }))
  await createTopics(secure.cluster, [...topics, { name: 'twinshore.heartbeats', partitions: 1 }])
  const { access, secrets } = accessAs(secure.cluster, 'admin')
  const application = accessAs(secure.cluster, 'application')
  acls = new KafkaAclAdmin(opened(new AccessCluster(access, { secrets, side: 'source' })))
  await acls.create([acl(APPLICATION, 'all', 'topic', '*'), acl(APPLICATION, 'all', 'transactional-id', '*')], inTime())
  const fence = aclFence({
    cluster: 'west',
    principals: [APPLICATION],
    acls,
    registry: accessLedger(new LinkTable({ client: client(), name: await newTable() }), FENCES_KEY),
    ownPrincipal: () => new ClusterLogin(access, secrets).principal(),
    clock: Date,
    probe: opened(new KafkaWriteProbe(application.access, { secrets: application.secrets })),
  })
  const partitions = [...TOPICS, 'twinshore.heartbeats'].flatMap((topic) =>
    [0, 1].slice(0, topic === 'twinshore.heartbeats' ? 1 : 2).map((partition) => ({ topic, partition })),
  )
  deps = {
    fences: [fence],
    partitions: async () => partitions,
    reader: opened(new KafkaLogReader(access, { secrets, side: 'source' })),
    stillMs: STILL_MS,
    rest,
  }
})
afterAll(async () => {
  for (const connection of open) connection.close()
  await secure?.close()
})

const producerOf = async (user: 'admin' | 'application', transactionalId?: string): Promise<Producer> => {
  const kafka = kafkaClient(secure.cluster.bootstrapServers, secure.cluster.loginOf(user), { retry: { retries: 2 } })
  const producer = kafka.producer({
    ...(transactionalId !== undefined && { transactionalId, maxInFlightRequests: 1, idempotent: true }),
  })
  await producer.connect()
  return producer
}

/** An application that writes without a pause, until it is told to stop; counts what the cluster took. */
const writing = async () => {
  const producer = await producerOf('application')
  const counts = { taken: 0, refused: 0 }
  let goesOn = true
  const done = (async () => {
    while (goesOn)
      await producer.send({ topic: 'orders', messages: [{ partition: 0, value: 'an order' }] }).then(
        () => counts.taken++,
        () => counts.refused++,
      )
    await producer.disconnect()
  })()
  const stop = async (): Promise<void> => {
    goesOn = false
    await done
  }
  return { counts, stop }
}

const prove = (): Promise<FenceReport> => proveFences(CAUSE, inTime(), deps)
const proved = (): Promise<unknown> =>
  eventually('the fence to be proved', async () => (await prove()).outcome === 'done', { withinMs: WITHIN_MS })

describe('a fence on a cluster to which an application writes the whole time', () => {
  it('is proved once nothing is written any more, and not before', async () => {
    const application = await writing()
    await eventually('the application to write', async () => application.counts.taken > 0, { withinMs: WITHIN_MS })
    expect(await prove()).toMatchObject({ outcome: 'again', message: expect.stringContaining(APPLICATION) })

    expect(await applyFences(CAUSE, inTime(), deps)).toMatchObject({ outcome: 'done' })
    await proved()
    const { taken } = application.counts
    expect(await prove()).toEqual({
      outcome: 'done',
      message: expect.stringMatching(
        /all brokers refuse writes of User:application to 2 topics; the ends of 4 partitions/,
      ),
      weaker: [],
    })
    expect(application.counts.taken).toBe(taken)

    expect(await liftFences(CAUSE, inTime(), deps)).toMatchObject({ outcome: 'done' })
    await eventually('the application to write again', async () => application.counts.taken > taken, {
      withinMs: WITHIN_MS,
    })
    await application.stop()
    const list = await acls.list(inTime())
    const left = list.kind === 'listed' ? list.bindings.map(bindingText) : []
    expect(left).not.toContain(bindingText(fenceDenial(APPLICATION)))
  })

  it('is not proved while somebody writes whom it does not bind', async () => {
    await applyFences(CAUSE, inTime(), deps)
    await proved()
    const admin = await producerOf('admin')
    const write = () => admin.send({ topic: 'customers', messages: [{ partition: 1, value: 'from the side' }] })
    const slowly = {
      ...deps,
      rest: async (ms: number, deadline: Deadline) => {
        await write()
        return await rest(ms, deadline)
      },
    }
    const answer = await proveFences(CAUSE, inTime(), slowly)
    expect(answer).toMatchObject({ outcome: 'again', message: expect.stringMatching(/customers-1 grew from 0 to 1/) })
    await admin.disconnect()
  })

  it('is not proved while a transaction is open, which may still be committed', async () => {
    await liftFences(CAUSE, inTime(), deps)
    const producer = await producerOf('application', 'orders-of-today')
    const begin = async () => {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 'customers', messages: [{ partition: 0, value: 'perhaps' }] })
      return transaction
    }
    const transaction = await begin()
    await applyFences(CAUSE, inTime(), deps)
    const waits = async () => /customers-0 has a transaction open from 0 on/.test((await prove()).message)
    await eventually('the proof to see the transaction', waits, { withinMs: WITHIN_MS })
    await transaction.commit()
    await proved()
    await producer.disconnect()
  })
})
