import { setTimeout as delay } from 'node:timers/promises'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { Layout, PlacedPartition, Quorum } from '../../shared/domain/racks/cluster-layout.ts'
import type { Member } from '../../shared/domain/racks/rack-survival.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import type { ClusterLayout } from '../../shared/usecases/racks/rack-ports.ts'

/** A cluster that only stands there; every broker is a controller too, and all that are up are in sync. */
export class FakeClusterLayout implements ClusterLayout {
  readonly side: 'source' | 'target'
  reachable = true
  answersAfterMs = 0
  undescribed: readonly string[] = []
  /** Instead of what the brokers make up. */
  quorum: Quorum | undefined
  readonly #brokers: readonly Member[]
  readonly #placed = new Map<string, readonly (readonly number[])[]>()
  readonly #down = new Set<number>()

  /** Nodes count from 1 on. */
  constructor(racks: readonly (string | undefined)[], side: 'source' | 'target' = 'target') {
    this.#brokers = racks.map((rack, index) => ({ node: index + 1, ...(rack !== undefined && { rack }) }))
    this.side = side
  }

  /** `replicas`: the nodes of each partition. */
  put(topic: string, ...replicas: readonly (readonly number[])[]): void {
    this.#placed.set(topic, replicas)
  }

  kill(...nodes: readonly number[]): void {
    for (const node of nodes) this.#down.add(node)
  }

  async describe({ signal }: Deadline): Promise<Layout> {
    await delay(this.answersAfterMs)
    if (!this.reachable || signal.aborted)
      throw new ReplicationError(
        this.side === 'source' ? 'SOURCE_UNREACHABLE' : 'TARGET_UNREACHABLE',
        `asking where the fake ${this.side} has its replicas: nobody answers`,
      )
    const voters = this.#brokers.map(({ node }) => ({ node, follows: !this.#down.has(node) }))
    return {
      brokers: this.#brokers.filter(({ node }) => !this.#down.has(node)),
      partitions: [...this.#placed].flatMap(([topic, ofTopic]) =>
        ofTopic.map((replicas, partition) => this.#partition(topic, partition, replicas)),
      ),
      undescribed: this.undescribed,
      quorum: this.quorum ?? { kind: 'told', voters },
    }
  }

  /** Kafka never takes the last one out of the in-sync replicas. */
  #partition(topic: string, partition: number, replicas: readonly number[]): PlacedPartition {
    const up = replicas.filter((node) => !this.#down.has(node))
    const [leader] = up
    const inSync = leader === undefined ? replicas.slice(-1) : up
    return { topic, partition, ...(leader !== undefined && { leader }), replicas, inSync }
  }
}
