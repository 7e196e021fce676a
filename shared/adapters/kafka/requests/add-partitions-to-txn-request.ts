import type { PartitionId } from '../../../domain/record.ts'
import { type TransactionId, writeProducer } from '../transaction-id.ts'
import type { KafkaRequest } from './kafka-request.ts'

/** AddPartitionsToTxn v2, for the transaction's coordinator: begins a transaction, or takes one more partition into it. */
export const addPartitionsToTxnRequest = (
  transaction: TransactionId,
  { topic, partition }: PartitionId,
): KafkaRequest<{ readonly error: number }> => ({
  name: 'AddPartitionsToTxn',
  apiKey: 24,
  apiVersion: 2,
  flexible: false,
  write: (writer) => {
    writeProducer(writer.string(transaction.transactionalId), transaction)
    writer.array([topic], (name) => writer.string(name).array([partition], (number) => writer.int32(number)))
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const errors = reader.array(() => {
      reader.string() // topic
      return reader.array(() => {
        reader.int32() // partition
        return reader.int16()
      })
    })
    const [error] = errors.flat()
    if (error === undefined) throw new RangeError('the answer does not mention the partition')
    return { error }
  },
})
