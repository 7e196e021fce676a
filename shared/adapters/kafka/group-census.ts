import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import type { GroupKind, ListedGroup } from '../../domain/groups/group-facts.ts'
import { groupAnswer } from '../../domain/groups/group-verdict.ts'
import type { GroupList } from '../../usecases/groups/group-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { Patience, pauseMs, waitOrAbort } from './patience.ts'
import { type GroupState, LIST_GROUPS, listGroupsRequest, WITH_TYPES } from './requests/list-groups-request.ts'
import { metadataRequest } from './requests/metadata-request.ts'

/** A broker that is dead stays in the metadata for a while; the groups of the others do not wait for it. */
const BROKER_ANSWERS_WITHIN_MS = 5_000

const KINDS: readonly GroupKind[] = ['classic', 'consumer', 'streams', 'share']
/** In all other states it has members, or waits for them to come back. */
const WITHOUT_MEMBERS: readonly string[] = ['Empty', 'Dead']

/** All groups of a cluster: every broker knows those that it keeps account of. */
export class GroupCensus {
  readonly #cluster: KafkaCluster

  constructor(cluster: KafkaCluster) {
    this.#cluster = cluster
  }

  /** Throws when no broker answers. */
  async take(deadline: Deadline): Promise<GroupList> {
    const { unreachable } = this.#cluster
    const late = (_code: ErrorCode, because: string) => new ReplicationError(unreachable, this.#doing(because))
    const patience = new Patience(deadline, pauseMs, late)
    const { brokers } = await patience.ask(unreachable, (signal) => this.#cluster.ask(metadataRequest([]), [signal]))
    this.#cluster.learn(brokers)
    const answers = await Promise.allSettled(brokers.map(({ node }) => this.#ofBroker(node, deadline)))
    const troubles = answers.flatMap((answer) => (answer.status === 'rejected' ? [this.#trouble(answer.reason)] : []))
    const [first] = troubles
    if (first !== undefined && troubles.length === brokers.length) throw first
    const states = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    return { groups: merged(states), troubles }
  }

  async #ofBroker(node: number, { at, signal }: Deadline): Promise<readonly GroupState[]> {
    const end = Math.min(at, Date.now() + BROKER_ANSWERS_WITHIN_MS)
    let last: unknown
    for (let attempt = 0; ; attempt++)
      try {
        const { error, groups } = await this.#ask(node, signal)
        const { name, verdict } = groupAnswer(error)
        if (verdict === 'done') return groups
        throw new ReplicationError(this.#cluster.unreachable, this.#doing(`broker ${node} says ${name}`))
      } catch (error) {
        if (!this.#cluster.isUnreachable(error)) throw error
        if (last === undefined || !signal.aborted) last = error // a question that the deadline cut off knows less
        if (signal.aborted || Date.now() >= end) throw last
        await waitOrAbort(pauseMs(attempt), signal)
      }
  }

  async #ask(node: number, signal: AbortSignal): Promise<{ error: number; groups: readonly GroupState[] }> {
    const connection = await this.#cluster.node(node, [signal])
    const types = connection.speaks(LIST_GROUPS, WITH_TYPES)
    return this.#cluster.tell(connection, listGroupsRequest({ types }), [signal])
  }

  #trouble(reason: unknown): ReplicationError {
    if (reason instanceof ReplicationError) return reason
    const because = reason instanceof Error ? reason.message : String(reason)
    const code = this.#cluster.isUnreachable(reason) ? this.#cluster.unreachable : 'UNEXPECTED'
    return new ReplicationError(code, this.#doing(because), { cause: reason })
  }

  #doing(because: string): string {
    return `listing the groups of ${this.#cluster.name}: ${because}`
  }
}

/** A group that moves from one broker to another may be told by both. */
const merged = (states: readonly GroupState[]): ReadonlyMap<string, ListedGroup> => {
  const groups = new Map<string, ListedGroup>()
  for (const state of states) if (groups.get(state.group)?.life !== 'live') groups.set(state.group, listed(state))
  return groups
}

const listed = ({ group, state, type }: GroupState): ListedGroup => {
  const kind = KINDS.find((known) => known === type?.toLowerCase())
  const life = WITHOUT_MEMBERS.includes(state) ? 'empty' : 'live'
  return { group, life, ...(kind === undefined ? {} : { kind }) }
}
