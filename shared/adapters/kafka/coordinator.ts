import type { ErrorCode } from '../../domain/errors.ts'
import { ReplicationError } from '../../domain/errors.ts'
import { KAFKA_ERROR } from '../../domain/kafka-errors.ts'
import { judgeTransaction } from '../../domain/transaction-verdict.ts'
import { NoAnswer } from './broker-connection.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import type { Patience } from './patience.ts'
import { type CoordinatorKey, findCoordinatorRequest } from './requests/find-coordinator-request.ts'
import type { KafkaRequest } from './requests/kafka-request.ts'

/** What a question to a coordinator came to. */
export type Told<T> =
  | { readonly kind: 'done'; readonly answer: T }
  | { readonly kind: 'stop'; readonly code: ErrorCode; readonly because: string }

/** The broker that keeps account of one group or of one transactional id; which one that is may change at any time. */
export class Coordinator {
  readonly #cluster: Pick<KafkaCluster, 'ask' | 'learn' | 'node' | 'tell' | 'unreachable'>
  readonly #key: CoordinatorKey
  #node: number | undefined

  constructor(cluster: Pick<KafkaCluster, 'ask' | 'learn' | 'node' | 'tell' | 'unreachable'>, key: CoordinatorKey) {
    this.#cluster = cluster
    this.#key = key
  }

  /**
   * Asks until there is an answer that decides. `repeatable`: the question may be asked again although the first may have
   * been heard. Throws what `Patience` throws.
   */
  async tell<T extends { readonly error: number }>(
    request: KafkaRequest<T>,
    patience: Patience,
    { repeatable }: { readonly repeatable: boolean },
  ): Promise<Told<T>> {
    for (let attempt = 0; ; attempt++) {
      patience.throwAtDeadline()
      const outcome = await this.#try(request, patience.signal)
      if (outcome.kind === 'silence' && outcome.sent && !repeatable)
        return { kind: 'stop', code: 'TRANSACTION_BROKEN', because: `${request.name}: ${outcome.because}` }
      if (outcome.kind === 'silence') await this.#lookAgain(outcome.because, patience, attempt)
      else {
        const verdict = judgeTransaction(outcome.answer.error)
        if (verdict.kind === 'done') return { kind: 'done', answer: outcome.answer }
        const because = `${request.name}: ${verdict.because}`
        if (verdict.kind === 'stop') return { kind: 'stop', code: verdict.code, because }
        if (verdict.elsewhere) await this.#lookAgain(because, patience, attempt)
        else await patience.pause({ code: this.#cluster.unreachable, because }, attempt)
      }
    }
  }

  async #try<T>(
    request: KafkaRequest<T>,
    signal: AbortSignal,
  ): Promise<{ kind: 'answer'; answer: T } | { kind: 'silence'; sent: boolean; because: string }> {
    try {
      const connection = await this.#cluster.node(await this.#find(signal), [signal])
      return { kind: 'answer', answer: await this.#cluster.tell(connection, request, [signal]) }
    } catch (error) {
      const unreachable = error instanceof ReplicationError && error.code === this.#cluster.unreachable
      if (!(error instanceof NoAnswer) && !unreachable) throw error
      return { kind: 'silence', sent: error instanceof NoAnswer && error.sent, because: error.message }
    }
  }

  async #lookAgain(because: string, patience: Patience, attempt: number): Promise<void> {
    this.#node = undefined
    await patience.pause({ code: this.#cluster.unreachable, because }, attempt)
  }

  async #find(signal: AbortSignal): Promise<number> {
    if (this.#node !== undefined) return this.#node
    const { error, node, host, port } = await this.#cluster.ask(findCoordinatorRequest(this.#key), [signal])
    const verdict = judgeTransaction(error)
    const { kind, name } = this.#key
    const doing = `finding the coordinator of ${kind} ${name}`
    if (verdict.kind === 'stop') throw new ReplicationError(verdict.code, `${doing}: ${verdict.because}`)
    if (error !== KAFKA_ERROR.none) throw new ReplicationError(this.#cluster.unreachable, `${doing}: there is none yet`)
    this.#cluster.learn([{ node, host, port }])
    this.#node = node
    return node
  }
}
