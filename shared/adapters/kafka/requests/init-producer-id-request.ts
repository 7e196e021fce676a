import type { KafkaRequest } from './kafka-request.ts'

export interface InitProducerId {
  readonly error: number
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** Who had the id before is fenced, and the transaction that it left open is aborted, or completed when it was decided. */
export interface TransactionalProducer {
  readonly transactionalId: string
  /** After how long the coordinator aborts a transaction that nobody ends. */
  readonly timeoutMs: number
}

/** InitProducerId v1; without a transaction: a number that no producer had before. */
export const initProducerIdRequest = (transactional?: TransactionalProducer): KafkaRequest<InitProducerId> => ({
  name: 'InitProducerId',
  apiKey: 22,
  apiVersion: 1,
  flexible: false,
  write: (writer) => {
    const unusedTimeoutMs = 60_000
    if (transactional === undefined) writer.nullString().int32(unusedTimeoutMs)
    else writer.string(transactional.transactionalId).int32(transactional.timeoutMs)
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return { error: reader.int16(), producerId: reader.int64(), producerEpoch: reader.int16() }
  },
})
