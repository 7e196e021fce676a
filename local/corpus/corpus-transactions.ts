import { Producer } from '@platformatic/kafka'
import type { ClusterAccess } from '../check/broker-connections.ts'
import { clientOptions, type LocalTopic } from '../kafka/local-topics.ts'
import { type CorpusRecord, seededRandom } from './corpus-records.ts'

const TRANSACTIONS = 40
/** The coordinator asks to come again while it still writes the markers of the transaction before. */
const RETRY_DELAY_MS = 20
const RETRIES = 500

type Sender = Pick<Producer, 'send'>

/** Transactions over all partitions of a topic, every third of them aborted; between them, records of no transaction. */
export const produceTransactions = async (access: ClusterAccess, topic: LocalTopic, seed: number): Promise<void> => {
  const again = { retries: RETRIES, retryDelay: RETRY_DELAY_MS }
  const transactionalId = `corpus-${seed}-${Date.now()}`
  const plain = new Producer({ ...clientOptions(access), ...again, idempotent: false })
  const producer = new Producer({ ...clientOptions(access), ...again, idempotent: true, transactionalId })
  const random = seededRandom(seed)
  try {
    for (let number = 0; number < TRANSACTIONS; number++) {
      const transaction = await producer.beginTransaction()
      await sendToAll(transaction, topic, someRecords(random, 1 + (random() % 5), `transaction ${number}`))
      await send(plain, topic.name, number % topic.partitions, someRecords(random, 1, `between ${number}`))
      await (number % 3 === 2 ? transaction.abort() : transaction.commit())
    }
  } finally {
    await Promise.all([producer.close(), plain.close()])
  }
}

const sendToAll = async (to: Sender, topic: LocalTopic, records: readonly CorpusRecord[]): Promise<void> => {
  for (let partition = 0; partition < topic.partitions; partition++) await send(to, topic.name, partition, records)
}

const send = async (to: Sender, topic: string, partition: number, records: readonly CorpusRecord[]): Promise<void> => {
  const messages = records.map(({ key, value, timestamp }) => ({
    topic,
    partition,
    timestamp: BigInt(timestamp),
    key: key as Buffer,
    value: value as Buffer,
  }))
  await to.send({ messages, acks: -1 })
}

const someRecords = (random: () => number, count: number, text: string): CorpusRecord[] =>
  Array.from({ length: count }, () => ({
    timestamp: Date.now(),
    key: Buffer.from(String(random())),
    value: Buffer.from(text),
    headers: [],
  }))
