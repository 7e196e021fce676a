import { Consumer, type Message, type MessagesStream } from '@platformatic/kafka'
import { clientOptions } from '../kafka/local-topics.ts'
import type { ClusterAccess } from './broker-connections.ts'

/** A record as a consumer got it. */
export interface SeenRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** The key, by which applications know it. */
  readonly id: string
}

export interface ReadingOptions {
  readonly group: string
  readonly topics: readonly string[]
  /** What lies there is not taken. @default everything is */
  readonly stopsAt?: (topic: string, partition: number) => bigint
}

type RawMessage = Message<Buffer, Buffer, Buffer, Buffer>

const COMMITTED = 1

/**
 * A real consumer of a group, which notes every record that it takes. It resumes where the group is, and reads a partition
 * in which the group has no position from its beginning.
 */
export class ReadingGroup {
  readonly seen: SeenRecord[] = []
  readonly #consumer: Consumer
  readonly #stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>
  /** By topic and partition, where it goes on. */
  readonly #next = new Map<string, { readonly topic: string; readonly partition: number; readonly offset: bigint }>()
  #leaving: Promise<void> | undefined
  #failure: Error | undefined

  static async join(access: ClusterAccess, options: ReadingOptions): Promise<ReadingGroup> {
    const consumer = new Consumer({ ...clientOptions(access), groupId: options.group })
    try {
      const stream = await consumer.consume({
        topics: [...options.topics],
        mode: 'committed',
        fallbackMode: 'earliest',
        autocommit: false,
        isolationLevel: COMMITTED,
        maxWaitTime: 200,
      })
      return new ReadingGroup(consumer, stream, options)
    } catch (error) {
      await consumer.close(true)
      throw error
    }
  }

  private constructor(
    consumer: Consumer,
    stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>,
    { stopsAt }: ReadingOptions,
  ) {
    this.#consumer = consumer
    this.#stream = stream
    const isTaken = ({ topic, partition, offset }: RawMessage): boolean =>
      this.#leaving === undefined && offset < (stopsAt?.(topic, partition) ?? offset + 1n)
    stream.on('data', (message: RawMessage) => {
      if (isTaken(message)) this.#take(message)
    })
    stream.on('error', (error: Error) => {
      if (this.#leaving === undefined) this.#failure ??= error // later, a fetch under way may find the topic gone
    })
  }

  /** Commits that all it has taken is done, and goes on. */
  async commit(): Promise<void> {
    const offsets = [...this.#next.values()].map((next) => ({ ...next, leaderEpoch: -1 }))
    if (offsets.length > 0) await this.#consumer.commit({ offsets })
  }

  /**
   * Takes nothing more, commits exactly what it took, and is no member any more when this resolves. Throws when reading had
   * failed.
   */
  async leave({ commits = true }: { readonly commits?: boolean } = {}): Promise<readonly SeenRecord[]> {
    this.#leaving ??= this.#leave(commits)
    await this.#leaving
    if (this.#failure !== undefined) throw this.#failure
    return this.seen
  }

  async #leave(commits: boolean): Promise<void> {
    try {
      if (commits) await this.commit()
    } finally {
      await this.#stream.close()
      await this.#consumer.close(true)
    }
  }

  #take({ topic, partition, offset, key }: RawMessage): void {
    this.seen.push({ topic, partition, offset, id: key.toString() })
    this.#next.set(`${topic}-${partition}`, { topic, partition, offset: offset + 1n })
  }
}
