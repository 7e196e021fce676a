import { type TransactionId, writeProducer } from '../transaction-id.ts'
import type { KafkaRequest } from './kafka-request.ts'

/** EndTxn v2, for the transaction's coordinator: the outcome is durable when it answers, the markers follow. */
export const endTxnRequest = (
  transaction: TransactionId,
  outcome: 'commit' | 'abort',
): KafkaRequest<{ readonly error: number }> => ({
  name: 'EndTxn',
  apiKey: 26,
  apiVersion: 2,
  flexible: false,
  write: (writer) =>
    writeProducer(writer.string(transaction.transactionalId), transaction).boolean(outcome === 'commit'),
  read: (reader) => {
    reader.int32() // throttled for ms
    return { error: reader.int16() }
  },
})
