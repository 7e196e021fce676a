import { ReplicationError } from '../../domain/errors.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { Patience, pauseMs } from './patience.ts'
import { metadataRequest } from './requests/metadata-request.ts'

/** Kafka's `cluster.id`, which never changes: asked until there is an answer, then known for the life of the process. */
export class ClusterId {
  readonly #cluster: Pick<KafkaCluster, 'ask' | 'name' | 'unreachable'>
  #asked: Promise<string> | undefined

  constructor(cluster: Pick<KafkaCluster, 'ask' | 'name' | 'unreachable'>) {
    this.#cluster = cluster
  }

  /** Throws what `KafkaCluster.ask` throws, or `DEADLINE_PASSED`. */
  async tell(deadline: Deadline): Promise<string> {
    this.#asked ??= this.#ask(deadline)
    try {
      return await this.#asked
    } catch (error) {
      this.#asked = undefined
      throw error
    }
  }

  async #ask(deadline: Deadline): Promise<string> {
    const { name, unreachable } = this.#cluster
    const doing = `asking ${name} for its cluster.id`
    const patience = new Patience(
      deadline,
      pauseMs,
      (code, because) => new ReplicationError(code, `${doing}: ${because}`),
    )
    const { clusterId } = await patience.ask(unreachable, (signal) => this.#cluster.ask(metadataRequest([]), [signal]))
    if (clusterId === undefined || clusterId === '') throw new ReplicationError(unreachable, `${doing}: it tells none`)
    return clusterId
  }
}
