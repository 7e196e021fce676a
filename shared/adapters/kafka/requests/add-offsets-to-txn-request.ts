import { type TransactionId, writeProducer } from '../transaction-id.ts'
import type { KafkaRequest } from './kafka-request.ts'

/** AddOffsetsToTxn v2, for the transaction's coordinator: begins a transaction, or takes the offsets of a group into it. */
export const addOffsetsToTxnRequest = (
  transaction: TransactionId,
  group: string,
): KafkaRequest<{ readonly error: number }> => ({
  name: 'AddOffsetsToTxn',
  apiKey: 25,
  apiVersion: 2,
  flexible: false,
  write: (writer) => writeProducer(writer.string(transaction.transactionalId), transaction).string(group),
  read: (reader) => {
    reader.int32() // throttled for ms
    return { error: reader.int16() }
  },
})
