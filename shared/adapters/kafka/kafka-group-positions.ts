import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import { missingGroupRight, missingTopicRight } from '../../domain/groups/group-right.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { KAFKA_ERROR, kafkaError } from '../../domain/kafka-errors.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { GroupPositions } from '../../usecases/topics/topic-ports.ts'
import type { ClusterLogin } from './cluster-login.ts'
import { type ClusterSideOptions, clusterSide } from './cluster-side.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { Patience, pauseMs, type Trouble } from './patience.ts'
import { findCoordinatorRequest } from './requests/find-coordinator-request.ts'
import { offsetCommitRequest } from './requests/offset-commit-request.ts'

const GROUP_DENIED = 30
/** ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS: only members may set positions now. */
const HAS_MEMBERS: readonly number[] = [22, 25, 27]

interface WantedPositions {
  readonly group: string
  readonly topic: string
  /** By partition. */
  readonly offsets: ReadonlyMap<number, bigint>
}

/** Where consumer groups of the source stand. */
export class KafkaGroupPositions implements GroupPositions {
  readonly #cluster: KafkaCluster
  readonly #login: ClusterLogin

  constructor(access: KafkaAccess, options: Omit<ClusterSideOptions, 'side'>) {
    const { cluster, login } = clusterSide(access, { ...options, side: 'source' })
    this.#cluster = cluster
    this.#login = login
  }

  async rewind(group: string, topic: string, offsets: ReadonlyMap<number, bigint>, deadline: Deadline): Promise<void> {
    const wanted: WantedPositions = { group, topic, offsets }
    const patience = new Patience(deadline, pauseMs, (code, because) => this.#error(code, wanted, because))
    for (let attempt = 0; ; attempt++) {
      patience.throwAtDeadline()
      const trouble = await this.#try(wanted, deadline.signal)
      if (trouble === undefined) return
      await patience.pause(trouble, attempt)
    }
  }

  close(): void {
    this.#cluster.close()
  }

  /** `undefined`: it is done. Setting the same positions again changes nothing, so an answer that was lost is no harm. */
  async #try(wanted: WantedPositions, signal: AbortSignal): Promise<Trouble | undefined> {
    try {
      const errors = await this.#commit(wanted, [signal])
      const error = errors.find((number) => number !== KAFKA_ERROR.none)
      return error === undefined ? undefined : await this.#judge(error, wanted)
    } catch (error) {
      if (!this.#cluster.isUnreachable(error)) throw error
      return { code: this.#cluster.unreachable, because: error instanceof Error ? error.message : String(error) }
    }
  }

  async #commit(wanted: WantedPositions, signals: readonly AbortSignal[]): Promise<readonly number[]> {
    const key = { kind: 'group', name: wanted.group } as const
    const { error, node, host, port } = await this.#cluster.ask(findCoordinatorRequest(key), signals)
    if (error !== KAFKA_ERROR.none) return [error]
    this.#cluster.learn([{ node, host, port }])
    const connection = await this.#cluster.node(node, signals)
    const offsets = new Map([...wanted.offsets].map(([partition, offset]) => [partition, { offset, metadata: '' }]))
    const request = offsetCommitRequest(wanted.group, new Map([[wanted.topic, offsets]]))
    return (await this.#cluster.tell(connection, request, signals)).map((reply) => reply.error)
  }

  async #judge(error: number, wanted: WantedPositions): Promise<Trouble> {
    const { name } = kafkaError(error)
    if (HAS_MEMBERS.includes(error)) throw this.#error('GROUP_BUSY', wanted, `${name}, the group has members`)
    if (error === GROUP_DENIED)
      throw this.#error(
        'GROUP_DENIED',
        wanted,
        missingGroupRight('commit', wanted.group, await this.#login.principal()),
      )
    if (error === KAFKA_ERROR.topicDenied)
      throw this.#error(
        'TOPIC_DENIED',
        wanted,
        missingTopicRight('commit', wanted.topic, await this.#login.principal()),
      )
    return { code: this.#cluster.unreachable, because: name }
  }

  #error(code: ErrorCode, { group, topic }: WantedPositions, because: string): ReplicationError {
    const doing = `setting where the consumer group ${group} goes on in ${topic}`
    return new ReplicationError(code, `${doing} on ${this.#cluster.name}: ${because}`)
  }
}
