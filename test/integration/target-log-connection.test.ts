import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { runProcess } from '../../local/machine/owned-process.ts'
import { BrokerConnection } from '../../shared/adapters/kafka/broker-connection.ts'
import type { KafkaRequest } from '../../shared/adapters/kafka/requests/kafka-request.ts'
import { openCluster } from '../support/target-cluster.ts'

/** A request whose answer is one number. */
const question: KafkaRequest<number> = {
  name: 'Question',
  apiKey: 1000,
  apiVersion: 0,
  flexible: false,
  write: (writer) => writer.int32(0),
  read: (reader) => reader.int32(),
}

const answer = (correlation: number, ...numbers: number[]): Buffer => {
  const bytes = Buffer.alloc(8 + 4 * numbers.length)
  bytes.writeInt32BE(4 + 4 * numbers.length, 0)
  bytes.writeInt32BE(correlation, 4)
  for (const [at, number] of numbers.entries()) bytes.writeInt32BE(number, 8 + 4 * at)
  return bytes
}

const patient = { timeoutMs: 5_000, signals: [] }

describe('a connection to a broker', () => {
  let server: Server
  let broker: Socket
  let connection: BrokerConnection

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    ;[broker] = (await once(server, 'connection')) as [Socket]
    connection = new BrokerConnection(socket, 'test:1', 'client', {})
    broker.on('error', () => undefined)
  })
  afterEach(async () => {
    connection.destroy('the test is over')
    broker.destroy()
    server.close()
    await once(server, 'close')
  })

  it('reads answers however they are cut into pieces', async () => {
    const asked = [question, question, question].map((one) => connection.request(one, patient))
    const bytes = Buffer.concat([answer(0, 10), answer(1, 11), answer(2, 12)])
    for (const byte of bytes.subarray(0, 17)) {
      broker.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    broker.write(bytes.subarray(17))
    expect(await Promise.all(asked)).toEqual([10, 11, 12])
    expect(connection.inFlight).toBe(0)
  })

  it('is lost with everything in flight when one answer does not come in time', async () => {
    const late = connection.request(question, { timeoutMs: 50, signals: [] })
    const behind = connection.request(question, patient)
    await expect(late).rejects.toMatchObject({ name: 'NoAnswer', sent: true })
    await expect(behind).rejects.toMatchObject({ name: 'NoAnswer', sent: true })
    await expect(connection.request(question, patient)).rejects.toMatchObject({ name: 'NoAnswer', sent: false })
  })

  it('waits longer for a broker that said it would not read for a while', async () => {
    connection.mute(300)
    const asked = connection.request(question, { timeoutMs: 50, signals: [] })
    setTimeout(() => broker.write(answer(0, 7)), 150)
    expect(await asked).toBe(7)
  })

  it('is lost when a deadline passes, and not touched by one that has passed before', async () => {
    await expect(
      connection.request(question, { timeoutMs: 5_000, signals: [AbortSignal.abort()] }),
    ).rejects.toMatchObject({ sent: false })
    expect(connection.open).toBe(true)
    const deadline = new AbortController()
    const asked = connection.request(question, { timeoutMs: 5_000, signals: [deadline.signal] })
    deadline.abort()
    await expect(asked).rejects.toMatchObject({ sent: true })
    expect(connection.open).toBe(false)
  })

  it.each([
    ['too short', answer(0)],
    ['for nobody', answer(99, 1)],
    ['not Kafka', Buffer.from([255, 255, 255, 255, 0, 0, 0, 0])],
  ])('is lost when an answer is %s', async (_what, bytes) => {
    const asked = connection.request(question, patient)
    broker.write(bytes)
    await expect(asked).rejects.toMatchObject({ name: 'NoAnswer', sent: true })
    expect(connection.open).toBe(false)
  })

  it('finishes what is in flight when it is retired', async () => {
    const asked = connection.request(question, patient)
    connection.retire()
    expect(connection.open).toBe(true)
    broker.write(answer(0, 3))
    expect(await asked).toBe(3)
    expect(connection.open).toBe(false)
  })

  it('is lost when the broker closes it', async () => {
    const asked = connection.request(question, patient)
    broker.end()
    await expect(asked).rejects.toMatchObject({ name: 'NoAnswer', sent: true })
  })
})

describe('a process that appended', () => {
  it('has no timer running and was warned of nothing', async () => {
    const { cluster, close } = await openCluster()
    try {
      await createTopics(cluster, [{ name: 'quiet', partitions: 1 }])
      const script = join(import.meta.dirname, '../support/append-once.ts')
      const printed = await runProcess(process.execPath, [script, cluster.bootstrapServers[0] ?? '', 'quiet'])
      expect(JSON.parse(printed)).toEqual({ stopped: 'no', timers: 0, warnings: [] })
    } finally {
      await close()
    }
  })
})
