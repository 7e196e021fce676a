import { describe, expect, it } from 'vitest'
import { ClusterLogin } from '../../../../../shared/adapters/kafka/cluster-login.ts'
import { KafkaCluster } from '../../../../../shared/adapters/kafka/kafka-cluster.ts'
import type { KafkaRequest } from '../../../../../shared/adapters/kafka/requests/kafka-request.ts'
import type { RequestWriter } from '../../../../../shared/adapters/kafka/requests/request-writer.ts'
import type { KafkaAccess } from '../../../../../shared/domain/kafka-access.ts'
import { type ScriptedBroker, startScriptedBroker } from '../../../../support/scripted-broker.ts'

const SLOW = 50
const QUICK = 51

const request = (apiKey: number): KafkaRequest<number> => ({
  name: `API ${apiKey}`,
  apiKey,
  apiVersion: 0,
  flexible: false,
  write: (writer) => writer.int32(0),
  read: (reader) => reader.int32(),
})

const clusterOf = (broker: ScriptedBroker, { questionMs = 20_000 } = {}): KafkaCluster => {
  const access: KafkaAccess = {
    cluster: 'paris',
    bootstrapServers: [broker.address],
    tls: false,
    login: { kind: 'none' },
  }
  return new KafkaCluster(access, new ClusterLogin(access, { read: () => Promise.reject(new Error('none needed')) }), {
    clientId: 'test',
    unreachable: 'TARGET_UNREACHABLE',
    timeouts: { connectMs: 20_000, loginMs: 20_000, questionMs, bulkMs: 200, produceMs: 20_000 },
  })
}

describe('a question to a broker', () => {
  it('waits for an append before it, and does not break the connection under it', async () => {
    await using broker = await startScriptedBroker(() => undefined)
    const cluster = clusterOf(broker, { questionMs: 100 })
    cluster.learn([{ node: 0, host: '127.0.0.1', port: broker.port }])
    const connection = await cluster.node(0, [])
    const append = connection.request(request(SLOW), { timeoutMs: 400, signals: [] }).catch(String)
    const question = cluster.tell(connection, request(QUICK), []).catch(String)
    const because = `NoAnswer: no answer to API ${SLOW} to ${broker.address} in 400 ms`
    expect(await Promise.all([append, question])).toEqual([because, because])
  })

  it('does not wait for long when nothing is before it', async () => {
    await using broker = await startScriptedBroker(() => undefined)
    const asking = clusterOf(broker, { questionMs: 100 }).ask(request(QUICK), [])
    await expect(asking).rejects.toThrow(`no answer to API ${QUICK} to ${broker.address} in 100 ms`)
  })

  it('goes to an open connection with nothing in flight', async () => {
    const script = (apiKey: number) => (apiKey === QUICK ? (writer: RequestWriter) => writer.int32(7) : undefined)
    await using busy = await startScriptedBroker(script)
    await using idle = await startScriptedBroker(script)
    const cluster = clusterOf(busy)
    const nodes = [busy, idle].map(({ port }, node) => ({ node, host: '127.0.0.1', port }))
    cluster.learn(nodes)
    const [connection] = await Promise.all(nodes.map(({ node }) => cluster.node(node, [])))
    const append = connection?.request(request(SLOW), { timeoutMs: 20_000, signals: [] }).catch(() => 'closed')
    expect(await cluster.ask(request(QUICK), [])).toBe(7)
    expect(idle.asked[0]?.at(-1)).toBe(QUICK)
    cluster.close()
    expect(await append).toBe('closed')
  })
})
