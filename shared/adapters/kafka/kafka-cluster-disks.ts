import { ReplicationError } from '../../domain/errors.ts'
import type { DiskFacts, DisksFacts } from '../../domain/failover/preflight-facts.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { KAFKA_ERROR, kafkaError } from '../../domain/kafka-errors.ts'
import type { ClusterDisks } from '../../usecases/failover/disk-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { ClusterLogin } from './cluster-login.ts'
import { type ClusterSideOptions, clusterSide } from './cluster-side.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { Patience, pauseMs } from './patience.ts'
import {
  DESCRIBE_LOG_DIRS,
  type DescribedLogDirectories,
  describeLogDirsRequest,
  type LogDirectory,
  WITH_VOLUMES,
} from './requests/describe-log-dirs-request.ts'
import { metadataRequest } from './requests/metadata-request.ts'

type BrokerDisks = { readonly node: number } & (DescribedLogDirectories | { readonly untold: true })

/** The disks of a Kafka cluster, asked of each broker. */
export class KafkaClusterDisks implements ClusterDisks {
  readonly #cluster: KafkaCluster
  readonly #login: ClusterLogin

  constructor(access: KafkaAccess, options: ClusterSideOptions) {
    const { cluster, login } = clusterSide(access, options)
    this.#cluster = cluster
    this.#login = login
  }

  async describe(deadline: Deadline): Promise<DisksFacts> {
    const { unreachable } = this.#cluster
    const fail = (code: ReplicationError['code'], because: string): ReplicationError =>
      this.#error(code === 'DEADLINE_PASSED' ? unreachable : code, because)
    const patience = new Patience(deadline, pauseMs, fail)
    const answers = await patience.ask(unreachable, (signal) => this.#askAll(signal))
    for (const answer of answers)
      if ('error' in answer && answer.error !== KAFKA_ERROR.none) throw await this.#refusal(answer)
    return factsOf(answers)
  }

  /** Closes all connections; what is under way ends as if the cluster had gone. */
  close(): void {
    this.#cluster.close()
  }

  async #askAll(signal: AbortSignal): Promise<readonly BrokerDisks[]> {
    const { brokers } = await this.#cluster.ask(metadataRequest([]), [signal])
    if (brokers.length === 0) throw this.#error(this.#cluster.unreachable, 'the answer names no broker')
    this.#cluster.learn(brokers)
    return await Promise.all(brokers.map(({ node }) => this.#ask(node, signal)))
  }

  async #ask(node: number, signal: AbortSignal): Promise<BrokerDisks> {
    try {
      const connection = await this.#cluster.node(node, [signal])
      if (!connection.speaks(DESCRIBE_LOG_DIRS, WITH_VOLUMES)) return { node, untold: true }
      return { node, ...(await this.#cluster.tell(connection, describeLogDirsRequest(), [signal])) }
    } catch (error) {
      if (!this.#cluster.isUnreachable(error)) throw error
      const because = error instanceof Error ? error.message : String(error)
      throw this.#error(this.#cluster.unreachable, `broker ${node}: ${because}`, error)
    }
  }

  async #refusal({ error, node }: { readonly error: number; readonly node: number }): Promise<ReplicationError> {
    if (error !== KAFKA_ERROR.clusterDenied)
      return this.#error('ACCESS_REFUSED', `broker ${node}: ${kafkaError(error).name}`)
    const principal = await this.#login.principal()
    const right = 'DESCRIBE on Cluster `kafka-cluster` (with IAM: kafka-cluster:DescribeCluster)'
    return this.#error('ACCESS_DENIED', `${principal} lacks ${right}`)
  }

  #error(code: ReplicationError['code'], because: string, cause?: unknown): ReplicationError {
    return new ReplicationError(code, `asking how full the disks of ${this.#cluster.name} are: ${because}`, { cause })
  }
}

const factsOf = (answers: readonly BrokerDisks[]): DisksFacts => {
  const told = answers.flatMap((answer) =>
    'untold' in answer ? [] : answer.directories.map((directory) => ({ node: answer.node, ...directory })),
  )
  const offline = told.filter(({ error }) => error !== KAFKA_ERROR.none)
  const online = told.filter(({ error }) => error === KAFKA_ERROR.none)
  const disks = online.flatMap(diskOf)
  const measured = new Set([...disks, ...offline].map(({ node }) => node))
  return {
    disks,
    offline: offline.map(({ node, directory }) => `${directory} of broker ${node}`),
    unmeasured: answers.map(({ node }) => node).filter((node) => !measured.has(node)),
  }
}

const diskOf = ({ node, directory, totalBytes, usableBytes }: LogDirectory & { readonly node: number }): DiskFacts[] =>
  totalBytes === undefined || usableBytes === undefined
    ? []
    : [{ node, directory, totalBytes: Number(totalBytes), usableBytes: Number(usableBytes) }]
