import { ReplicationError } from '../../domain/errors.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import type { KafkaRequest } from './requests/kafka-request.ts'
import { metadataRequest } from './requests/metadata-request.ts'
import type { TopicReplies, TopicReply } from './requests/topic-reply.ts'

/** The broker that takes changes of topics; asked for each time, since it may be another one after a failure. */
export class ClusterController {
  readonly #cluster: Pick<KafkaCluster, 'name' | 'unreachable' | 'ask' | 'learn' | 'node' | 'tell'>

  constructor(cluster: Pick<KafkaCluster, 'name' | 'unreachable' | 'ask' | 'learn' | 'node' | 'tell'>) {
    this.#cluster = cluster
  }

  /** Throws `NoAnswer`, or what `KafkaCluster.ask` throws. */
  async tell(request: KafkaRequest<TopicReplies>, signals: readonly AbortSignal[]): Promise<readonly TopicReply[]> {
    const { brokers, controller } = await this.#cluster.ask(metadataRequest([]), signals)
    this.#cluster.learn(brokers)
    if (controller === undefined) {
      const doing = `asking ${this.#cluster.name} for ${request.name}: it has no controller now`
      throw new ReplicationError(this.#cluster.unreachable, doing)
    }
    const connection = await this.#cluster.node(controller, signals)
    const { throttleMs, replies } = await this.#cluster.tell(connection, request, signals)
    if (throttleMs > 0) connection.mute(throttleMs)
    return replies
  }
}
