import { ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { KAFKA_ERROR, kafkaError } from '../../domain/kafka-errors.ts'
import type { Layout, PlacedPartition, Quorum } from '../../domain/racks/cluster-layout.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { ClusterLayout } from '../../usecases/racks/rack-ports.ts'
import type { ClusterLogin } from './cluster-login.ts'
import { type ClusterSideOptions, clusterSide } from './cluster-side.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { Patience, pauseMs } from './patience.ts'
import {
  DESCRIBE_QUORUM,
  type DescribedQuorum,
  describeQuorumRequest,
  QUORUM_VERSIONS,
} from './requests/describe-quorum-request.ts'
import { type BrokerAddress, type Metadata, metadataRequest, type TopicMetadata } from './requests/metadata-request.ts'

/** Voters ask the leader for more at least every half second, and are given up by it after two. */
const SILENT_AFTER_MS = 5_000
/** An election takes a second or two; a quorum that is lost shall not hide where the replicas are. */
const QUORUM_WITHIN_MS = 10_000

const NO_QUORUM = 'the cluster does not tell its quorum: it has ZooKeeper, or others run its controllers'

/** Where a Kafka cluster has its brokers, replicas and controllers. */
export class KafkaClusterLayout implements ClusterLayout {
  readonly #cluster: KafkaCluster
  readonly #login: ClusterLogin

  constructor(access: KafkaAccess, options: ClusterSideOptions) {
    const { cluster, login } = clusterSide(access, options)
    this.#cluster = cluster
    this.#login = login
  }

  async describe(deadline: Deadline): Promise<Layout> {
    const patience = this.#patience(deadline)
    const metadata = await patience.ask(this.#cluster.unreachable, (signal) => this.#metadata(signal))
    this.#cluster.learn(metadata.brokers)
    const quorumWithinMs = Math.min(QUORUM_WITHIN_MS, (deadline.at - Date.now()) / 2)
    const quorum = await this.#quorum(metadata.brokers, Date.now() + quorumWithinMs, patience)
    const [told, untold] = [metadata.topics.filter(isTold), metadata.topics.filter((topic) => !isTold(topic))]
    return {
      brokers: metadata.brokers.map(({ node, rack }) => ({ node, ...(rack !== undefined && { rack }) })),
      partitions: told.flatMap(placedPartitions),
      undescribed: untold.map(
        ({ topic, error }) => `${this.#cluster.name} does not describe ${topic}: ${nameOf(error)}`,
      ),
      quorum,
    }
  }

  /** Closes all connections; what is under way ends as if the cluster had gone. */
  close(): void {
    this.#cluster.close()
  }

  /** A broker that has just started may answer before it knows anybody. */
  async #metadata(signal: AbortSignal): Promise<Metadata> {
    const metadata = await this.#cluster.ask(metadataRequest('all'), [signal])
    if (metadata.brokers.length > 0) return metadata
    const doing = `asking where ${this.#cluster.name} has its replicas: the answer names no broker`
    throw new ReplicationError(this.#cluster.unreachable, doing)
  }

  /** While nobody leads the quorum, a cluster answers late or with an error that passes. */
  async #quorum(brokers: readonly BrokerAddress[], until: number, patience: Patience): Promise<Quorum> {
    for (let attempt = 0; ; attempt++) {
      const described = await this.#askForQuorum(brokers, patience.signal)
      if (described === 'untold') return { kind: 'untold', because: NO_QUORUM }
      if (!(described instanceof Error) && described.error === KAFKA_ERROR.none) return quorumOf(described)
      if (!(described instanceof Error) && described.error === KAFKA_ERROR.clusterDenied)
        return { kind: 'untold', because: await this.#missingRight() }
      const because = described instanceof Error ? described.message : nameOf(described.error)
      if (Date.now() >= until) return { kind: 'untold', because: `the controllers do not answer: ${because}` }
      await patience.pause({ code: this.#cluster.unreachable, because }, attempt)
    }
  }

  /** Asks each broker in turn, as one of them may be dead and still be named. */
  async #askForQuorum(
    brokers: readonly BrokerAddress[],
    signal: AbortSignal,
  ): Promise<DescribedQuorum | 'untold' | Error> {
    let trouble = new Error('no broker is up')
    for (const { node } of brokers)
      try {
        const connection = await this.#cluster.node(node, [signal])
        const version = QUORUM_VERSIONS.find((candidate) => connection.speaks(DESCRIBE_QUORUM, candidate))
        if (version === undefined) return 'untold'
        return await this.#cluster.tell(connection, describeQuorumRequest(version), [signal])
      } catch (error) {
        if (!this.#cluster.isUnreachable(error) || !(error instanceof Error)) throw error
        trouble = error
      }
    return trouble
  }

  async #missingRight(): Promise<string> {
    const principal = await this.#login.principal()
    return `${principal} lacks DESCRIBE on Cluster \`kafka-cluster\` (with IAM: kafka-cluster:DescribeCluster)`
  }

  #patience(deadline: Deadline): Patience {
    const { name, unreachable } = this.#cluster
    const fail = (code: ReplicationError['code'], because: string): ReplicationError =>
      new ReplicationError(
        code === 'DEADLINE_PASSED' ? unreachable : code,
        `asking where ${name} has its replicas: ${because}`,
      )
    return new Patience(deadline, pauseMs, fail)
  }
}

const nameOf = (error: number): string => kafkaError(error).name

/** A topic of which every partition is in the middle of an election is told all the same, and so is one being deleted. */
const isTold = ({ error }: TopicMetadata): boolean => error === KAFKA_ERROR.none

const placedPartitions = ({ topic, partitions }: TopicMetadata): PlacedPartition[] =>
  partitions.map((partition) => ({ topic, ...partition }))

/** Brokers before 3.3 do not tell when they heard of a voter: then all of them count. */
const quorumOf = ({ leader, voters }: DescribedQuorum): Quorum => {
  const now = voters.find(({ node }) => node === leader)?.lastFetchAt
  const follows = (lastFetchAt: number | undefined): boolean =>
    now === undefined || (lastFetchAt !== undefined && now - lastFetchAt <= SILENT_AFTER_MS)
  return { kind: 'told', voters: voters.map(({ node, lastFetchAt }) => ({ node, follows: follows(lastFetchAt) })) }
}
