import { describe, expect, it } from 'vitest'
import { NoAnswer } from '../../../../../shared/adapters/kafka/broker-connection.ts'
import { Coordinator } from '../../../../../shared/adapters/kafka/coordinator.ts'
import type { KafkaCluster } from '../../../../../shared/adapters/kafka/kafka-cluster.ts'
import { Patience } from '../../../../../shared/adapters/kafka/patience.ts'
import { endTxnRequest } from '../../../../../shared/adapters/kafka/requests/end-txn-request.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'

const COORDINATOR_LOADING = 14
const COORDINATOR_NOT_AVAILABLE = 15
const NOT_COORDINATOR = 16
const INVALID_PRODUCER_EPOCH = 47
const INVALID_TXN_STATE = 48
const CONCURRENT_TRANSACTIONS = 51
const NOT_AUTHORISED = 53
const FENCED = 90

type Answer = number | NoAnswer | ReplicationError

/** A cluster whose coordinator answers so, one answer for each question. */
const clusterThat = (...answers: readonly Answer[]) => {
  const [seen, left] = [{ asked: 0, looked: 0 }, [...answers]]
  const cluster = {
    unreachable: 'TARGET_UNREACHABLE',
    learn: () => undefined,
    ask: async () => {
      seen.looked++
      return { error: 0, node: seen.looked, host: 'broker', port: 9092 }
    },
    node: async () => ({}),
    tell: async () => {
      seen.asked++
      const answer = left.shift() ?? 0
      if (typeof answer !== 'number') throw answer
      return { error: answer }
    },
  } as unknown as KafkaCluster
  return { cluster, seen }
}

/** Ends at its `last` pause. */
const patience = (last = Number.POSITIVE_INFINITY): Patience => {
  const deadline = new AbortController()
  return new Patience(
    { at: Number.POSITIVE_INFINITY, signal: deadline.signal },
    (attempt) => {
      if (attempt >= last) deadline.abort()
      return 1
    },
    (code, because) => new ReplicationError(code, because),
  )
}

const request = endTxnRequest({ transactionalId: 'id', producerId: 1n, producerEpoch: 0 }, 'commit')

const tell = (cluster: KafkaCluster, repeatable: boolean, lastPause?: number) =>
  new Coordinator(cluster, { kind: 'transaction', name: 'id' }).tell(request, patience(lastPause), { repeatable })

const lost = (sent: boolean): NoAnswer => new NoAnswer('gone', sent)
const unreachable = new ReplicationError('TARGET_UNREACHABLE', 'connecting')

describe('a question to a coordinator', () => {
  it.each([
    ['it still ends the transaction before', [CONCURRENT_TRANSACTIONS, CONCURRENT_TRANSACTIONS], 3, 1],
    ['it still reads its log', [COORDINATOR_LOADING], 2, 1],
    ['it is another broker now', [NOT_COORDINATOR], 2, 2],
    ['there is none now', [COORDINATOR_NOT_AVAILABLE], 2, 2],
    ['it cannot be connected to', [unreachable], 2, 2],
    ['the question was never sent', [lost(false)], 2, 2],
  ])('is asked again when %s', async (_why, answers, asked, looked) => {
    const { cluster, seen } = clusterThat(...answers)
    expect(await tell(cluster, false)).toEqual({ kind: 'done', answer: { error: 0 } })
    expect(seen).toEqual({ asked, looked })
  })

  it('is asked again after silence only when it may have been heard twice', async () => {
    expect(await tell(clusterThat(lost(true)).cluster, true)).toMatchObject({ kind: 'done' })
    const { cluster, seen } = clusterThat(lost(true))
    expect(await tell(cluster, false)).toMatchObject({ kind: 'stop', code: 'TRANSACTION_BROKEN' })
    expect(seen.asked).toBe(1)
  })

  it.each([
    ['the producer is fenced', FENCED, 'CHECKPOINT_MOVED'],
    ['a later epoch owns the id', INVALID_PRODUCER_EPOCH, 'CHECKPOINT_MOVED'],
    ['the id may not be used', NOT_AUTHORISED, 'TARGET_DENIED'],
    ['there is no such transaction', INVALID_TXN_STATE, 'TRANSACTION_BROKEN'],
    ['nobody knows what it means', 999, 'TRANSACTION_BROKEN'],
  ])('is not asked again when %s', async (_why, error, code) => {
    const { cluster, seen } = clusterThat(error)
    expect(await tell(cluster, true)).toMatchObject({ kind: 'stop', code })
    expect(seen.asked).toBe(1)
  })

  it('ends at the deadline with what was in the way', async () => {
    const { cluster } = clusterThat(...Array.from({ length: 100 }, () => CONCURRENT_TRANSACTIONS))
    await expect(tell(cluster, true, 9)).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringContaining('CONCURRENT_TRANSACTIONS'),
    })
  })
})
