import type { KafkaRequest } from './kafka-request.ts'

export interface InitProducerId {
  readonly error: number
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** InitProducerId v1, without a transaction: a number that no producer had before. */
export const initProducerIdRequest = (): KafkaRequest<InitProducerId> => ({
  name: 'InitProducerId',
  apiKey: 22,
  apiVersion: 1,
  flexible: false,
  write: (writer) => {
    const transactionTimeoutMs = 60_000
    writer.nullString().int32(transactionTimeoutMs)
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return { error: reader.int16(), producerId: reader.int64(), producerEpoch: reader.int16() }
  },
})
