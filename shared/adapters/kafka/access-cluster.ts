import { ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { KAFKA_ERROR, kafkaError } from '../../domain/kafka-errors.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { ClusterId } from './cluster-id.ts'
import type { ClusterLogin } from './cluster-login.ts'
import { type ClusterSideOptions, clusterSide } from './cluster-side.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { Patience, pauseMs } from './patience.ts'
import type { ClusterReply } from './requests/cluster-reply.ts'
import type { KafkaRequest } from './requests/kafka-request.ts'

/** Something that is asked of a cluster, and the right on Cluster that it takes. */
export interface AccessErrand {
  /** As in "listing the ACLs". */
  readonly doing: string
  readonly operation: 'DESCRIBE' | 'ALTER' | 'DESCRIBE_CONFIGS' | 'ALTER_CONFIGS'
}

/**
 * One cluster, for questions about rights: one connection for all of them. Every request may be sent again, since making
 * what is there and removing what is gone changes nothing.
 */
export class AccessCluster {
  readonly #cluster: KafkaCluster
  readonly #login: ClusterLogin
  readonly #id: ClusterId

  constructor(access: KafkaAccess, options: ClusterSideOptions) {
    const { cluster, login } = clusterSide(access, options)
    this.#cluster = cluster
    this.#login = login
    this.#id = new ClusterId(this.#cluster)
  }

  /** Takes no right. */
  clusterId(deadline: Deadline): Promise<string> {
    return this.#id.tell(deadline)
  }

  /** Until the deadline; throws `…_UNREACHABLE`, `LOGIN_REFUSED` or `CONFIG_INVALID`. */
  ask<T>(request: KafkaRequest<T>, { doing }: AccessErrand, deadline: Deadline): Promise<T> {
    const { name, unreachable } = this.#cluster
    const fail = (code: ReplicationError['code'], because: string): ReplicationError =>
      new ReplicationError(code === 'DEADLINE_PASSED' ? unreachable : code, `${doing} of ${name}: ${because}`)
    return new Patience(deadline, pauseMs, fail).ask(unreachable, (signal) => this.#cluster.ask(request, [signal]))
  }

  /** `undefined`: there is none. */
  async errorOf({ error, because }: ClusterReply, errand: AccessErrand): Promise<ReplicationError | undefined> {
    if (error === KAFKA_ERROR.none) return undefined
    const { name, unreachable } = this.#cluster
    const doing = `${errand.doing} of ${name}`
    if (error === KAFKA_ERROR.clusterDenied)
      return new ReplicationError('ACCESS_DENIED', `${doing}: ${await this.#missing(errand)}`)
    const known = kafkaError(error)
    const said = because === undefined ? known.name : `${known.name}, ${because}`
    return new ReplicationError(PASSES.has(error) ? unreachable : 'ACCESS_REFUSED', `${doing}: ${said}`)
  }

  /** Closes all connections; what is under way ends as if the cluster had gone. */
  close(): void {
    this.#cluster.close()
  }

  async #missing({ operation }: AccessErrand): Promise<string> {
    return `${await this.#login.principal()} lacks ${operation} on Cluster \`kafka-cluster\` (with IAM: kafka-cluster:${IAM_ACTIONS[operation]})`
  }
}

/** What IAM calls these rights on MSK, without the service. */
const IAM_ACTIONS = {
  DESCRIBE: 'DescribeCluster',
  ALTER: 'AlterCluster',
  DESCRIBE_CONFIGS: 'DescribeClusterDynamicConfiguration',
  ALTER_CONFIGS: 'AlterClusterDynamicConfiguration',
} as const

/** REQUEST_TIMED_OUT, NETWORK_EXCEPTION, NOT_CONTROLLER, THROTTLING_QUOTA_EXCEEDED: the next pass may do better. */
const PASSES: ReadonlySet<number> = new Set([7, 13, 41, 89])
