import type { RequestWriter } from './requests/request-writer.ts'

/** What every request of a transaction begins with, nearly: whose it is, and by which of the id's producers. */
export interface TransactionId {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
}

export const writeProducer = (writer: RequestWriter, { producerId, producerEpoch }: TransactionId): RequestWriter =>
  writer.int64(producerId).int16(producerEpoch)
