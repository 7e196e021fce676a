import { ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { type BrokerConnection, NoAnswer } from './broker-connection.ts'
import { ClusterConnections, type ConnectionOptions } from './cluster-connections.ts'
import type { ClusterLogin } from './cluster-login.ts'
import type { KafkaTimeouts } from './kafka-timeouts.ts'
import type { KafkaRequest } from './requests/kafka-request.ts'
import type { BrokerAddress } from './requests/metadata-request.ts'

export interface ClusterOptions extends ConnectionOptions {
  readonly timeouts: KafkaTimeouts
}

/** One cluster: which brokers it has, and how to ask one of them, or any. */
export class KafkaCluster {
  readonly name: string
  readonly unreachable: ConnectionOptions['unreachable']
  readonly #bootstrap: readonly string[]
  readonly #connections: ClusterConnections
  readonly #timeouts: KafkaTimeouts
  readonly #addresses = new Map<number, string>()
  #turn = 0

  constructor(access: KafkaAccess, login: ClusterLogin, options: ClusterOptions) {
    this.name = access.cluster
    this.unreachable = options.unreachable
    this.#bootstrap = access.bootstrapServers
    this.#connections = new ClusterConnections(access, login, options)
    this.#timeouts = options.timeouts
  }

  learn(brokers: readonly BrokerAddress[]): void {
    for (const { node, host, port } of brokers) this.#addresses.set(node, `${host}:${port}`)
  }

  /** Throws `…_UNREACHABLE`, `LOGIN_REFUSED` or `CONFIG_INVALID`. */
  async node(node: number, signals: readonly AbortSignal[]): Promise<BrokerConnection> {
    const address = this.#addresses.get(node)
    if (address !== undefined) return this.#connections.to(address, signals)
    throw new ReplicationError(this.unreachable, `connecting to broker ${node} of ${this.name}: it has no address`)
  }

  /** Asks brokers until one answers; throws `…_UNREACHABLE`, `LOGIN_REFUSED` or `CONFIG_INVALID`. */
  async ask<T>(request: KafkaRequest<T>, signals: readonly AbortSignal[]): Promise<T> {
    let last: unknown
    for (const address of this.#candidates()) {
      if (signals.some(({ aborted }) => aborted)) break
      try {
        const connection = await this.#connections.to(address, signals)
        return await this.tell(connection, request, signals)
      } catch (error) {
        if (!this.isUnreachable(error)) throw error
        last = error
      }
    }
    throw new ReplicationError(this.unreachable, `asking ${this.name} for ${request.name}: ${messageOf(last)}`, {
      cause: last,
    })
  }

  /**
   * Asks one broker; throws `NoAnswer`. Brokers answer in order: behind an append a question may have to wait for as long
   * as the append may, and must not take the connection from under it.
   */
  tell<T>(connection: BrokerConnection, request: KafkaRequest<T>, signals: readonly AbortSignal[]): Promise<T> {
    const { questionMs, bulkMs, produceMs } = this.#timeouts
    const ownMs = request.bulky === true ? bulkMs : questionMs
    return connection.request(request, { timeoutMs: ownMs + (connection.inFlight > 0 ? produceMs : 0), signals })
  }

  /** Whether another broker, or the same one later, may do better. */
  isUnreachable(error: unknown): boolean {
    return error instanceof NoAnswer || (error instanceof ReplicationError && error.code === this.unreachable)
  }

  close(): void {
    this.#connections.close()
  }

  /** Whoever is connected already first; then the bootstrap servers, beginning with another one each time; then the rest. */
  #candidates(): Set<string> {
    const turn = this.#turn++ % this.#bootstrap.length
    return new Set([
      ...this.#connections.open.map(({ address }) => address),
      ...this.#bootstrap.slice(turn),
      ...this.#bootstrap.slice(0, turn),
      ...this.#addresses.values(),
    ])
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'no broker answered in time')
