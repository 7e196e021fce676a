import { Producer } from '@platformatic/kafka'
import { readTopic } from '../../local/check/log-reader.ts'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { RecordAppender } from '../../local/corpus/record-appender.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { clientOptions } from '../../local/kafka/local-topics.ts'

/** `transactional`: every so many records of a partition a marker takes an offset, so that numbers and offsets part. */
export type TopicKind = 'plain' | 'transactional'

export interface NumberedTopicOptions {
  readonly name: string
  readonly kind: TopicKind
  readonly partitions: number
  readonly recordsOfPartition: number
  /** In each partition. @default 100 */
  readonly recordsOfTransaction?: number
}

type OffsetOf = (number: number) => bigint

const VALUE = Buffer.alloc(100, 'x')
const BATCH = 1_000
const OF_A_TRANSACTION = 100
/** The coordinator asks to come again while it still writes the markers of the transaction before. */
const AGAIN = { retries: 500, retryDelay: 20 }

const keyOf = (number: number): Buffer => Buffer.from(String(number))

/** A topic whose records say which one of their partition they are, so that whoever reads a copy knows without any map. */
export class NumberedTopic {
  readonly name: string
  readonly kind: TopicKind
  readonly partitions: number
  readonly recordsOfPartition: number
  /** By partition and number, the offset on the source. */
  readonly #offsets: readonly OffsetOf[]

  /** The topic is there, and empty. */
  static async fill(cluster: LocalCluster, options: NumberedTopicOptions): Promise<NumberedTopic> {
    await (options.kind === 'plain' ? appendPlain : appendTransactions)(cluster, options)
    const logs = await readTopic(cluster, options.name)
    const offsets = logs.map((log) => (number: number) => (number < log.size ? log.offset(number) : log.logEnd))
    return new NumberedTopic(options, offsets)
  }

  private constructor(options: NumberedTopicOptions, offsets: readonly OffsetOf[]) {
    this.name = options.name
    this.kind = options.kind
    this.partitions = options.partitions
    this.recordsOfPartition = options.recordsOfPartition
    this.#offsets = offsets
  }

  /** Where a group stands that has all records but so many of each partition. */
  positionsBehind(lag: number): ReadonlyMap<number, bigint> {
    return new Map(this.#offsets.map((offsetOf, partition) => [partition, offsetOf(this.recordsOfPartition - lag)]))
  }
}

const numbersOf = function* ({ recordsOfPartition }: NumberedTopicOptions, size: number): Generator<readonly number[]> {
  for (let from = 0; from < recordsOfPartition; from += size)
    yield Array.from({ length: Math.min(size, recordsOfPartition - from) }, (_, at) => from + at)
}

const partitionsOf = ({ partitions }: NumberedTopicOptions): readonly number[] => [...Array(partitions).keys()]

const appendPlain = async (cluster: LocalCluster, options: NumberedTopicOptions): Promise<void> => {
  const appender = new RecordAppender(cluster)
  const timestamp = Date.now()
  const record = (number: number): CorpusRecord => ({
    timestamp,
    key: keyOf(number),
    value: VALUE,
    headers: [],
  })
  try {
    for (const numbers of numbersOf(options, BATCH))
      for (const partition of partitionsOf(options))
        await appender.append(options.name, partition, numbers.map(record), 'none')
  } finally {
    await appender.close()
  }
}

/** All of them committed, over all partitions at once. */
const appendTransactions = async (cluster: LocalCluster, options: NumberedTopicOptions): Promise<void> => {
  const transactionalId = `bench-${options.name}`
  const producer = new Producer({ ...clientOptions(cluster), ...AGAIN, idempotent: true, transactionalId })
  const { name: topic } = options
  try {
    for (const numbers of numbersOf(options, options.recordsOfTransaction ?? OF_A_TRANSACTION)) {
      const transaction = await producer.beginTransaction()
      const messages = partitionsOf(options).flatMap((partition) =>
        numbers.map((number) => ({ topic, partition, key: keyOf(number), value: VALUE })),
      )
      await transaction.send({ messages, acks: -1 })
      await transaction.commit()
    }
  } finally {
    await producer.close()
  }
}
