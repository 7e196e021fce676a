import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'
import { RigFailover } from '../support/rig-failover.ts'
import type { RigLink } from '../support/rig-link.ts'

const TOPIC = 'orders'

let rig: Rig
let there: RigLink
let back: RigLink
let failover: RigFailover

beforeAll(async () => {
  rig = await startRig('failover-turns')
  failover = await RigFailover.prepare(rig, TOPIC)
  ;({ forth: there, back } = failover)
  for (const cluster of [rig.source, rig.target]) await cluster.createTopic(TOPIC)
  await rig.target.produce(TOPIC, 0, records('before replication began', 3)) // so that offsets differ
  await produceHoles(rig.source, TOPIC, { partitions: 1, transactions: 25 })
})
afterAll(async () => {
  failover?.close()
  await rig?.stop()
})

const records = (word: string, count: number): CorpusRecord[] =>
  Array.from({ length: count }, (_, at) => ({
    timestamp: 1_700_000_000_000 + at,
    key: Buffer.from(`${word} ${at}`),
    value: Buffer.from(`${word} ${at}`),
    headers: [],
  }))

/** What is there, in order, of transactions that were aborted too. */
const valuesOn = async ({ cluster }: RigCluster): Promise<string[]> => {
  const brokers = new BrokerConnections(cluster)
  try {
    const values: string[] = []
    for await (const { batch } of readLog(brokers, { topic: TOPIC, partition: 0 }))
      for (const { value } of batch.records) values.push(`${value}`)
    return values
  } finally {
    await brokers.close()
  }
}

describe('a pair of real clusters', () => {
  it('fails over and back, twice, and no link brings what the other side has', { timeout: 180_000 }, async () => {
    there.poll(TOPIC)
    await there.caughtUp(TOPIC)
    const turns = [
      [there, back, rig.target],
      [back, there, rig.source],
      [there, back, rig.target],
      [back, there, rig.source],
    ] as const
    for (const [turn, [link, reverseLink, active]] of turns.entries()) {
      await failover.along([link, reverseLink], `turn-${turn}`, { drained: () => link.caughtUp(TOPIC) })
      const before = reverseLink.fn.outcomes.length
      await active.produce(TOPIC, 0, records(`turn ${turn}`, 20))
      reverseLink.poll(TOPIC)
      await reverseLink.caughtUp(TOPIC)
      const outcomes = reverseLink.fn.outcomes.slice(before)
      const sum = (count: 'replicated' | 'looped' | 'redelivered'): number =>
        outcomes.reduce((total, outcome) => total + Number(outcome[count]), 0)
      expect([sum('replicated'), sum('looped'), sum('redelivered')]).toEqual([20, 0, 0])
      expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([])
    }
    const onSource = (await valuesOn(rig.source)).filter((value) => value.startsWith('turn'))
    const onTarget = (await valuesOn(rig.target)).filter((value) => value.startsWith('turn'))
    expect(onTarget).toEqual(onSource)
    expect(onSource).toHaveLength(80)
    for (const link of [there, back]) expect(await link.gaps({ topic: TOPIC, partition: 0 })).toEqual([])
  })
})
