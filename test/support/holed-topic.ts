import { Producer } from '@platformatic/kafka'
import { clientOptions } from '../../local/kafka/local-topics.ts'
import type { RigCluster } from './rig-cluster.ts'

/** The coordinator asks to come again while it still writes the markers of the transaction before. */
const AGAIN = { retries: 500, retryDelay: 10 }
const ABORTED_EVERY = 10

/** Transactions of one record a partition: each record is followed by a marker, which is a hole to who reads records. */
export const produceHoles = async (
  { cluster }: RigCluster,
  topic: string,
  { partitions, transactions }: { readonly partitions: number; readonly transactions: number },
): Promise<void> => {
  const transactionalId = `holes-${topic}`
  const producer = new Producer({ ...clientOptions(cluster), ...AGAIN, idempotent: true, transactionalId })
  try {
    for (let number = 1; number <= transactions; number++) {
      const transaction = await producer.beginTransaction()
      const key = Buffer.from(`key ${number}`)
      const value = Buffer.from(`transaction ${number}`)
      const messages = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, key, value }))
      await transaction.send({ messages, acks: -1 })
      await (number % ABORTED_EVERY === 0 ? transaction.abort() : transaction.commit())
    }
  } finally {
    await producer.close()
  }
}
