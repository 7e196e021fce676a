import { gzipSync, zstdCompressSync } from 'node:zlib'
import { ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { type PartitionBatch, partitionName } from '../../domain/record.ts'
import type { Compression } from '../../domain/record-batch.ts'
import type { AppendOutcome, Deadline, TargetLog, TargetTransactions } from '../../usecases/ports.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { BatchLimits } from './batch-limits.ts'
import { ClusterId } from './cluster-id.ts'
import { clusterSide } from './cluster-side.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { DEFAULT_TIMEOUTS, type KafkaTimeouts } from './kafka-timeouts.ts'
import { KafkaTransactions, type TransactionsOptions } from './kafka-transactions.ts'
import { LeaderOutbox } from './leader-outbox.ts'
import { type AppendMeans, PartitionAppend } from './partition-append.ts'
import { pauseMs } from './patience.ts'
import { ProducerIds } from './producer-ids.ts'
import { TopicDirectory } from './topic-directory.ts'

const COMPRESSIONS: Readonly<Record<Compression['codec'], Compression>> = {
  none: { codec: 'none', compress: (bytes) => bytes },
  gzip: { codec: 'gzip', compress: (bytes) => gzipSync(bytes) },
  zstd: { codec: 'zstd', compress: (bytes) => zstdCompressSync(bytes) },
}

export interface TargetLogOptions {
  readonly compression: Compression['codec']
  readonly secrets: Secrets
  readonly timeouts?: Partial<KafkaTimeouts>
}

/**
 * The log of a Kafka cluster, written by an idempotent producer of our own with acks=all. Keep one for as long as the
 * process lives: connections, metadata and the producer id are reused, unless they became doubtful.
 */
export class KafkaTargetLog implements TargetLog {
  readonly #cluster: KafkaCluster
  readonly #clusterId: ClusterId
  readonly #means: AppendMeans
  readonly #produceMs: number
  /** The last append of each partition: appends of one partition follow each other. */
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(access: KafkaAccess, { compression, secrets, timeouts = {} }: TargetLogOptions) {
    const { produceMs } = { ...DEFAULT_TIMEOUTS, ...timeouts }
    const { cluster } = clusterSide(access, { secrets, side: 'target', timeouts })
    this.#cluster = cluster
    this.#clusterId = new ClusterId(cluster)
    this.#produceMs = produceMs
    this.#means = {
      cluster,
      topics: new TopicDirectory(cluster),
      limits: new BatchLimits(cluster),
      producers: new ProducerIds(cluster),
      outbox: new LeaderOutbox(cluster, produceMs),
      compression: COMPRESSIONS[compression],
      pauseMs,
    }
  }

  async append(batch: PartitionBatch, deadline: Deadline): Promise<AppendOutcome> {
    const name = partitionName(batch)
    const begin = (): Promise<AppendOutcome> => this.#append(batch, deadline)
    const append = this.#last.get(name)?.then(begin, begin) ?? begin()
    this.#last.set(name, append)
    try {
      return await append
    } finally {
      if (this.#last.get(name) === append) this.#last.delete(name)
    }
  }

  /** Exactly-once appends of a link, over the same connections. */
  transactions(options: TransactionsOptions): TargetTransactions {
    return new KafkaTransactions(options, { cluster: this.#cluster, append: this.#means, produceMs: this.#produceMs })
  }

  clusterId(deadline: Deadline): Promise<string> {
    return this.#clusterId.tell(deadline)
  }

  /** Closes all connections; an append that is under way ends as if the cluster had gone. */
  close(): void {
    this.#cluster.close()
  }

  async #append(batch: PartitionBatch, deadline: Deadline): Promise<AppendOutcome> {
    if (!deadline.signal.aborted) return await new PartitionAppend(batch, deadline, this.#means).run()
    const doing = `appending to ${partitionName(batch)} on ${this.#means.cluster.name}: there is no time left`
    return { placed: [], bytes: 0, stopped: { kind: 'failed', error: new ReplicationError('DEADLINE_PASSED', doing) } }
  }
}
