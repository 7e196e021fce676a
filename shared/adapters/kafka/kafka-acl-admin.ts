import { type AclBinding, bindingText } from '../../domain/access/acl-binding.ts'
import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import { KAFKA_ERROR } from '../../domain/kafka-errors.ts'
import type { AclAdmin, AclList, PerRight } from '../../usecases/access/access-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { AccessCluster, AccessErrand } from './access-cluster.ts'
import { inRequests } from './request-load.ts'
import type { ClusterReply } from './requests/cluster-reply.ts'
import { createAclsRequest } from './requests/create-acls-request.ts'
import { deleteAclsRequest } from './requests/delete-acls-request.ts'
import { describeAclsRequest } from './requests/describe-acls-request.ts'
import type { KafkaRequest } from './requests/kafka-request.ts'

const LISTING: AccessErrand = { doing: 'listing the ACLs', operation: 'DESCRIBE' }
const CREATING: AccessErrand = { doing: 'making ACLs', operation: 'ALTER' }
const REMOVING: AccessErrand = { doing: 'removing ACLs', operation: 'ALTER' }

/** A controller takes 10,000 at once; for each filter it looks through all the ACLs that it has. */
const PER_REQUEST = 500

type Change = (bindings: readonly AclBinding[]) => KafkaRequest<readonly ClusterReply[]>

/** The ACLs of a Kafka cluster. */
export class KafkaAclAdmin implements AclAdmin {
  readonly #cluster: AccessCluster

  constructor(cluster: AccessCluster) {
    this.#cluster = cluster
  }

  async list(deadline: Deadline): Promise<AclList> {
    const { bindings, ...reply } = await this.#cluster.ask(describeAclsRequest(), LISTING, deadline)
    if (reply.error === KAFKA_ERROR.securityDisabled) return { kind: 'no-authorizer' }
    const error = await this.#cluster.errorOf(reply, LISTING)
    if (error !== undefined) throw error
    return { kind: 'listed', bindings }
  }

  create(bindings: readonly AclBinding[], deadline: Deadline): Promise<PerRight> {
    return this.#change(bindings, createAclsRequest, CREATING, deadline)
  }

  remove(bindings: readonly AclBinding[], deadline: Deadline): Promise<PerRight> {
    return this.#change(bindings, deleteAclsRequest, REMOVING, deadline)
  }

  async #change(
    bindings: readonly AclBinding[],
    request: Change,
    errand: AccessErrand,
    deadline: Deadline,
  ): Promise<PerRight> {
    const all = new Map(bindings.map((binding) => [bindingText(binding), binding]))
    const answers = new Map<string, 'done' | ReplicationError>()
    for (const part of inRequests(all, { topics: PER_REQUEST }))
      for (const [text, answer] of await this.#part(part, request, errand, deadline, answers.size > 0))
        answers.set(text, answer)
    return answers
  }

  /** What was answered before is not lost when the cluster goes away in between. */
  async #part(
    part: ReadonlyMap<string, AclBinding>,
    request: Change,
    errand: AccessErrand,
    deadline: Deadline,
    othersHaveAnswers: boolean,
  ): Promise<PerRight> {
    try {
      const replies = await this.#cluster.ask(request([...part.values()]), errand, deadline)
      return new Map(await Promise.all([...part.keys()].map((text, at) => this.#answer(text, replies[at], errand))))
    } catch (error) {
      if (!othersHaveAnswers) throw error
      return new Map([...part.keys()].map((text) => [text, asReplicationError(error, errand.doing)]))
    }
  }

  async #answer(
    text: string,
    reply: ClusterReply | undefined,
    errand: AccessErrand,
  ): Promise<readonly [string, 'done' | ReplicationError]> {
    const unanswered = { error: UNKNOWN_SERVER_ERROR, because: 'the answer does not mention it' }
    return [text, (await this.#cluster.errorOf(reply ?? unanswered, errand)) ?? 'done']
  }
}

/** Kafka's number for what it has no number for. */
const UNKNOWN_SERVER_ERROR = -1
