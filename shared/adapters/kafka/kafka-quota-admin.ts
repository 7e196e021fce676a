import type { QuotaFacts } from '../../domain/access/access-facts.ts'
import { type ClientQuota, type QuotaChange, quotaText, type UnheldQuota } from '../../domain/access/client-quota.ts'
import { ReplicationError } from '../../domain/errors.ts'
import type { PerRight, QuotaAdmin } from '../../usecases/access/access-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { AccessCluster, AccessErrand } from './access-cluster.ts'
import { type AlteredQuotas, alterClientQuotasRequest } from './requests/alter-client-quotas-request.ts'
import { describeClientQuotasRequest } from './requests/describe-client-quotas-request.ts'
import { CLIENT_ID, entityOf, type QuotaEntity, USER } from './requests/quota-fields.ts'

const LISTING: AccessErrand = { doing: 'listing the client quotas', operation: 'DESCRIBE_CONFIGS' }
const ALTERING: AccessErrand = { doing: 'changing client quotas', operation: 'ALTER_CONFIGS' }

type OfOneHolder = readonly [QuotaChange, ...QuotaChange[]]

/** The client quotas of a Kafka cluster. */
export class KafkaQuotaAdmin implements QuotaAdmin {
  readonly #cluster: AccessCluster

  constructor(cluster: AccessCluster) {
    this.#cluster = cluster
  }

  async list(deadline: Deadline): Promise<QuotaFacts> {
    const { entries, ...reply } = await this.#cluster.ask(describeClientQuotasRequest(), LISTING, deadline)
    const error = await this.#cluster.errorOf(reply, LISTING)
    if (error !== undefined) throw error
    const quotas: ClientQuota[] = []
    const unheld: UnheldQuota[] = []
    for (const { entity, values } of entries) {
      const kind = kindOf(entity)
      for (const [key, value] of values)
        if (kind === 'held') quotas.push({ ...holderOf(entity), key, value })
        else unheld.push({ kind, what: `${key} of ${entityForPeople(entity)}` })
    }
    return { quotas, unheld }
  }

  async alter(changes: readonly QuotaChange[], deadline: Deadline): Promise<PerRight> {
    const entries = byHolder(changes)
    if (entries.length === 0) return new Map()
    const replies = await this.#cluster.ask(alterClientQuotasRequest(entries), ALTERING, deadline)
    const byEntity = new Map(replies.map((reply) => [entityText(reply.entity), reply]))
    const answers = entries.map(async (entry) => {
      const answer = await this.#answer(byEntity.get(entityText(entityOf(entry[0]))))
      return entry.map((change) => [quotaText(change), answer] as const)
    })
    return new Map((await Promise.all(answers)).flat())
  }

  async #answer(reply: AlteredQuotas | undefined): Promise<'done' | ReplicationError> {
    if (reply === undefined) return new ReplicationError('UNEXPECTED', `${ALTERING.doing}: the answer lacks a holder`)
    return (await this.#cluster.errorOf(reply, ALTERING)) ?? 'done'
  }
}

/** One request is one change to a holder, all of it or nothing. */
const byHolder = (changes: readonly QuotaChange[]): OfOneHolder[] =>
  [...Map.groupBy(changes, (change) => entityText(entityOf(change))).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [[first, ...others] as const],
  )

const kindOf = (entity: QuotaEntity): 'held' | UnheldQuota['kind'] => {
  if (entity.has('ip')) return 'ip'
  if ([...entity.keys()].some((type) => type !== USER && type !== CLIENT_ID)) return 'unknown'
  return [...entity.values()].includes(undefined) ? 'default' : 'held'
}

const holderOf = (entity: QuotaEntity): Pick<ClientQuota, 'user' | 'clientId'> => {
  const [user, clientId] = [entity.get(USER), entity.get(CLIENT_ID)]
  return { ...(user !== undefined && { user }), ...(clientId !== undefined && { clientId }) }
}

const entityText = (entity: QuotaEntity): string => JSON.stringify([...entity].sort())

const entityForPeople = (entity: QuotaEntity): string =>
  [...entity].map(([type, name]) => `${type} ${name ?? '<default>'}`).join(', ')
