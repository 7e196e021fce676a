import { KAFKA_ERROR } from '../../domain/kafka-errors.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { findCoordinatorsRequest } from './requests/find-coordinator-request.ts'

const FOUND_PER_REQUEST = 200

/** Which brokers keep account of which groups, as far as it was asked; each may change at any time. */
export class GroupCoordinators {
  readonly #cluster: Pick<KafkaCluster, 'ask' | 'learn'>
  readonly #nodes = new Map<string, number>()

  constructor(cluster: Pick<KafkaCluster, 'ask' | 'learn'>) {
    this.#cluster = cluster
  }

  /** Asks for those that are not known; returns Kafka's error numbers of those that stay so. Throws what `KafkaCluster.ask` throws. */
  async find(groups: readonly string[], signals: readonly AbortSignal[]): Promise<ReadonlyMap<string, number>> {
    const unknown = groups.filter((group) => !this.#nodes.has(group))
    const errors = new Map<string, number>()
    for (const names of inPieces(unknown, FOUND_PER_REQUEST))
      for (const { name, error, ...broker } of await this.#cluster.ask(
        findCoordinatorsRequest('group', names),
        signals,
      ))
        if (error !== KAFKA_ERROR.none) errors.set(name, error)
        else {
          this.#cluster.learn([broker])
          this.#nodes.set(name, broker.node)
        }
    return errors
  }

  /** By broker; those whose broker is not known are left out. */
  byNode(groups: Iterable<string>): ReadonlyMap<number, readonly string[]> {
    const known = [...groups].flatMap((group) => {
      const node = this.#nodes.get(group)
      return node === undefined ? [] : [{ group, node }]
    })
    const grouped = Map.groupBy(known, ({ node }) => node)
    return new Map([...grouped].map(([node, members]) => [node, members.map(({ group }) => group)]))
  }

  forget(groups: readonly string[]): void {
    for (const group of groups) this.#nodes.delete(group)
  }
}

export const inPieces = <Item>(items: readonly Item[], length: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / length) }, (_, piece) =>
    items.slice(piece * length, (piece + 1) * length),
  )
