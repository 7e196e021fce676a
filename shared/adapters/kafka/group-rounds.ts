import { asReplicationError, type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import {
  doingToGroup,
  type GroupAction,
  missingGroupRight,
  missingTopicRight,
} from '../../domain/groups/group-right.ts'
import { groupAnswer } from '../../domain/groups/group-verdict.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { ClusterLogin } from './cluster-login.ts'
import { type GroupCoordinators, inPieces } from './group-coordinators.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { pauseMs, waitOrAbort } from './patience.ts'
import type { KafkaRequest } from './requests/kafka-request.ts'

/** Whether a group has all its answers now; if not, why, and whether another broker may know better. */
export type Taken =
  | { readonly kind: 'settled' }
  | { readonly kind: 'again'; readonly because: string; readonly elsewhere: boolean }

/** What is to be asked of the coordinators of groups. It keeps the answers itself. */
export interface GroupErrand<Reply extends { readonly group: string; readonly error: number }> {
  readonly action: GroupAction
  readonly groupsPerRequest: number
  /** Requests under way to one broker at a time; it answers in order, so this hides the way there and back. */
  readonly inFlight: number
  request(groups: readonly string[]): KafkaRequest<readonly Reply[]>
  take(reply: Reply): Promise<Taken>
  /** Ends what is still to be answered of a group. */
  fail(group: string, error: ReplicationError): void
  /** Whether anything was answered so far. */
  readonly anyAnswer: boolean
}

/** Where an errand goes, and as whom. */
export interface GroupPlace {
  readonly cluster: KafkaCluster
  readonly login: Pick<ClusterLogin, 'principal'>
  readonly coordinators: GroupCoordinators
}

/** One errand: round after round until each group has its answer, or time is up. One group never stops another. */
export class GroupRounds<Reply extends { readonly group: string; readonly error: number }> {
  readonly #place: GroupPlace
  readonly #errand: GroupErrand<Reply>
  readonly #deadline: Deadline
  readonly #waiting: Set<string>
  /** Why a group still waits. */
  readonly #troubles = new Map<string, string>()
  /** Of groups that got no answer and never will. */
  readonly #failures = new Map<string, ReplicationError>()

  constructor(place: GroupPlace, errand: GroupErrand<Reply>, groups: Iterable<string>, deadline: Deadline) {
    this.#place = place
    this.#errand = errand
    this.#waiting = new Set(groups)
    this.#deadline = deadline
  }

  /** Throws when no group has an answer. */
  async run(): Promise<void> {
    for (let round = 0; this.#waiting.size > 0 && !this.#late; round++) {
      if (round > 0) await waitOrAbort(pauseMs(round - 1), this.#deadline.signal)
      await this.#locate()
      const places = this.#place.coordinators.byNode(this.#waiting)
      await Promise.all([...places].map(([node, groups]) => this.#visit(node, groups)))
    }
    this.#end()
  }

  /** A frozen sandbox wakes up with its timers late, so the clock is looked at as well. */
  get #late(): boolean {
    return this.#deadline.signal.aborted || Date.now() >= this.#deadline.at
  }

  async #locate(): Promise<void> {
    if (this.#late) return
    try {
      const errors = await this.#place.coordinators.find([...this.#waiting], [this.#deadline.signal])
      for (const [group, error] of errors) await this.#judge(group, error)
    } catch (error) {
      this.#noAnswer([...this.#waiting], error)
    }
  }

  /** What a broker leaves unanswered ends the round for all that it was still to be asked. */
  async #visit(node: number, groups: readonly string[]): Promise<void> {
    const pieces = inPieces(groups, this.#errand.groupsPerRequest)
    const asker = async (): Promise<void> => {
      for (let piece = pieces.shift(); piece !== undefined && !this.#late; piece = pieces.shift())
        try {
          await this.#ask(node, piece)
        } catch (error) {
          this.#noAnswer([...piece, ...pieces.splice(0).flat()], error)
        }
    }
    await Promise.all(Array.from({ length: Math.min(this.#errand.inFlight, pieces.length) }, asker))
  }

  async #ask(node: number, groups: readonly string[]): Promise<void> {
    const signals = [this.#deadline.signal]
    const connection = await this.#place.cluster.node(node, signals)
    const replies = await this.#place.cluster.tell(connection, this.#errand.request(groups), signals)
    const byGroup = new Map(replies.map((reply) => [reply.group, reply]))
    for (const group of groups) {
      const reply = byGroup.get(group)
      if (reply === undefined) this.#again(group, { because: 'the answer did not name it', elsewhere: false })
      else await this.#take(reply)
    }
  }

  async #take(reply: Reply): Promise<void> {
    const { verdict } = groupAnswer(reply.error)
    if (verdict !== 'done' && verdict !== 'no-group') return this.#judge(reply.group, reply.error)
    const taken = await this.#errand.take(reply)
    if (taken.kind === 'again') this.#again(reply.group, taken)
    else this.#waiting.delete(reply.group)
  }

  /** Of an error of the group as a whole. */
  async #judge(group: string, number: number): Promise<void> {
    const { name, verdict } = groupAnswer(number)
    if (verdict === 'group-denied' || verdict === 'refused') {
      const error = await groupError(this.#place, this.#errand.action, { group, number })
      this.#errand.fail(group, error)
      this.#waiting.delete(group)
    } else this.#again(group, { because: name, elsewhere: verdict === 'elsewhere' })
  }

  #again(group: string, { because, elsewhere }: { readonly because: string; readonly elsewhere: boolean }): void {
    this.#troubles.set(group, because)
    if (elsewhere) this.#place.coordinators.forget([group])
  }

  /** What is neither an unreachable broker nor a lost answer will not pass: it ends the errand for these groups. */
  #noAnswer(groups: readonly string[], error: unknown): void {
    const passes = this.#place.cluster.isUnreachable(error)
    this.#place.coordinators.forget(groups)
    for (const group of groups)
      if (!passes) {
        this.#failures.set(group, asReplicationError(error, this.#doing(group, 'something nobody foresaw')))
        this.#waiting.delete(group)
      } else if (!this.#late || !this.#troubles.has(group)) this.#troubles.set(group, messageOf(error)) // a question that the deadline cut off knows less
  }

  #end(): void {
    for (const group of this.#waiting) {
      const doing = this.#doing(group, this.#troubles.get(group) ?? 'there is no time left')
      this.#failures.set(group, new ReplicationError(this.#place.cluster.unreachable, doing))
    }
    const [first] = this.#failures.values()
    if (first !== undefined && !this.#errand.anyAnswer) throw first
    for (const [group, error] of this.#failures) this.#errand.fail(group, error)
  }

  #doing(group: string, because: string): string {
    return `${doingToGroup(this.#errand.action, group)} on ${this.#place.cluster.name}: ${because}`
  }
}

export interface GroupTrouble {
  readonly group: string
  /** Kafka's error number. */
  readonly number: number
  /** Where it concerns one partition. */
  readonly partition?: { readonly topic: string; readonly partition: number }
}

/** What an operator is told of an answer that will not change by itself. */
export const groupError = async (
  { cluster, login }: Pick<GroupPlace, 'cluster' | 'login'>,
  action: GroupAction,
  { group, number, partition }: GroupTrouble,
): Promise<ReplicationError> => {
  const { name, verdict } = groupAnswer(number)
  const where = partition === undefined ? '' : ` in ${partition.topic}-${partition.partition}`
  const error = (code: ErrorCode, because: string): ReplicationError =>
    new ReplicationError(code, `${doingToGroup(action, group)}${where} on ${cluster.name}: ${because}`)
  if (verdict === 'group-denied')
    return error('GROUP_DENIED', missingGroupRight(action, group, await login.principal()))
  if (verdict === 'topic-denied')
    return error('TOPIC_DENIED', missingTopicRight(action, partition?.topic ?? '', await login.principal()))
  if (verdict === 'unknown-topic')
    return error(UNKNOWN_TOPIC[cluster.unreachable], 'there is no such partition, or the login may not see it')
  return error('GROUP_REFUSED', name)
}

const UNKNOWN_TOPIC = {
  SOURCE_UNREACHABLE: 'SOURCE_TOPIC_UNKNOWN',
  TARGET_UNREACHABLE: 'TARGET_TOPIC_UNKNOWN',
} as const satisfies Record<string, ErrorCode>

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
