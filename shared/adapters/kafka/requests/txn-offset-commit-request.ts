import type { PartitionId } from '../../../domain/record.ts'
import type { SourceCommit } from '../../../domain/source-commit.ts'
import { type TransactionId, writeProducer } from '../transaction-id.ts'
import type { KafkaRequest } from './kafka-request.ts'

const UNKNOWN_LEADER_EPOCH = -1

/** TxnOffsetCommit v2, for the group's coordinator: counts when the transaction is committed. */
export const txnOffsetCommitRequest = (
  transaction: TransactionId,
  group: string,
  { topic, partition }: PartitionId,
  { nextSource, note }: SourceCommit,
): KafkaRequest<{ readonly error: number }> => ({
  name: 'TxnOffsetCommit',
  apiKey: 28,
  apiVersion: 2,
  flexible: false,
  write: (writer) => {
    writeProducer(writer.string(transaction.transactionalId).string(group), transaction)
    writer.array([topic], (name) =>
      writer
        .string(name)
        .array([partition], (number) =>
          writer.int32(number).int64(nextSource).int32(UNKNOWN_LEADER_EPOCH).string(note),
        ),
    )
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
