import type { ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import type {
  CommitAnswers,
  GroupAdmin,
  GroupList,
  GroupOffsets,
  NewOffsets,
} from '../../usecases/groups/group-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { startDeadline } from '../running-deadline.ts'
import { type ClusterSideOptions, clusterSide } from './cluster-side.ts'
import { GroupCensus } from './group-census.ts'
import { GroupCoordinators } from './group-coordinators.ts'
import { GroupOffsetsCommit } from './group-offsets-commit.ts'
import { GroupOffsetsReading } from './group-offsets-reading.ts'
import { type GroupPlace, GroupRounds } from './group-rounds.ts'
import type { KafkaCluster } from './kafka-cluster.ts'

/** Groups whose coordinator is silent are waited for until so much of the time is up; the rest is for the other groups. */
const READING_SHARE = 0.5

/** The consumer groups of a Kafka cluster. */
export class KafkaGroupAdmin implements GroupAdmin {
  readonly #cluster: KafkaCluster
  readonly #place: GroupPlace

  constructor(access: KafkaAccess, options: ClusterSideOptions) {
    const { cluster, login } = clusterSide(access, options)
    this.#cluster = cluster
    this.#place = { cluster, login, coordinators: new GroupCoordinators(cluster) }
  }

  list(deadline: Deadline): Promise<GroupList> {
    return new GroupCensus(this.#cluster).take(deadline)
  }

  async committed(
    groups: readonly string[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, GroupOffsets | ReplicationError>> {
    const part = startDeadline(Math.max(0, deadline.at - Date.now()) * READING_SHARE)
    const until = { at: part.at, signal: AbortSignal.any([deadline.signal, part.signal]) }
    const reading = new GroupOffsetsReading(this.#place, until)
    try {
      await new GroupRounds(this.#place, reading, groups, until).run()
    } finally {
      part.end()
    }
    return reading.answers
  }

  async commit(
    offsets: ReadonlyMap<string, NewOffsets>,
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, CommitAnswers>> {
    const commit = new GroupOffsetsCommit(this.#place, offsets)
    await new GroupRounds(this.#place, commit, commit.groups, deadline).run()
    return new Map([...offsets.keys()].map((group) => [group, commit.answers.get(group) ?? new Map()]))
  }

  /** Closes all connections; what is under way ends as if the cluster had gone. */
  close(): void {
    this.#cluster.close()
  }
}
