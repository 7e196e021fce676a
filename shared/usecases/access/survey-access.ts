import type { AccessFacts, AccessLink, ClusterAccess } from '../../domain/access/access-facts.ts'
import { type AclBinding, bindingText } from '../../domain/access/acl-binding.ts'
import { quotaUser } from '../../domain/access/client-quota.ts'
import type { RegisteredRight } from '../../domain/access/own-right.ts'
import { ReplicationError } from '../../domain/errors.ts'
import { fenceDenial } from '../../domain/failover/fence-denial.ts'
import { clusterConfusion } from '../../domain/topics/cluster-identity.ts'
import { replicaName, replicaTemplate } from '../../domain/topics/topic-naming.ts'
import type { LinkAccess } from '../../domain/topology/topology.ts'
import type { Deadline, LinkState } from '../ports.ts'
import type { TopicLedger } from '../topics/topic-ports.ts'
import type { AccessLedger, AclAdmin, QuotaAdmin, ScramUsers } from './access-ports.ts'

/** All that is asked of one cluster about rights. */
export interface AccessAdmin {
  readonly acls: AclAdmin
  readonly quotas: QuotaAdmin
  readonly scram: ScramUsers
  /** Kafka's own id of the cluster. */
  readonly clusterId: (deadline: Deadline) => Promise<string>
}

export interface AccessSurveyDeps {
  readonly link: AccessLink
  readonly access: LinkAccess
  readonly source: AccessAdmin
  readonly target: AccessAdmin
  readonly topics: Pick<TopicLedger, 'topics'>
  readonly registry: AccessLedger
  /** Of the links that made rights on our source which would return to our target. */
  readonly returning: readonly Pick<AccessLedger, 'entries'>[]
  /** Whom a failover away from our source denies to write there. */
  readonly fenced: readonly string[]
  /** What failovers along the link have denied there, also to those whom the topology has lost since. */
  readonly fences: Pick<AccessLedger, 'entries'>
  readonly state: Pick<LinkState, 'read'>
}

/**
 * Asks both clusters and the tables what a plan depends on. Whatever cannot be told ends the pass: an answer that is
 * missing must never look like a right that was taken away. Throws what the ports throw, `SAME_CLUSTER` when the link is not
 * what it seems, and `NO_AUTHORIZER`.
 */
export const surveyAccess = async (deadline: Deadline, deps: AccessSurveyDeps): Promise<AccessFacts> => {
  const { link, access, registry, state } = deps
  await identify(deadline, deps)
  const [registered, fences, returning, replicas, { status }] = await Promise.all([
    registry.entries(deadline),
    fenceTexts(deadline, deps),
    returningRights(deadline, deps),
    replicasOf(deadline, deps),
    state.read([], deadline),
  ])
  const [source, target] = await Promise.all([describe('source', deadline, deps), describe('target', deadline, deps)])
  return { link, access, role: status.role, replicas, source, target, registered, fences, returning }
}

const identify = async (deadline: Deadline, { link, source, target }: AccessSurveyDeps): Promise<void> => {
  const [onSource, onTarget] = await Promise.all([source.clusterId(deadline), target.clusterId(deadline)])
  const ends = { source: { described: { clusterId: onSource } }, target: { described: { clusterId: onTarget } } }
  const confusion = clusterConfusion({ link, flows: [], ...ends })
  if (confusion !== undefined)
    throw new ReplicationError('SAME_CLUSTER', `comparing the rights of ${link.name}: ${confusion}`)
}

const describe = async (
  side: 'source' | 'target',
  deadline: Deadline,
  { link, access, [side]: admin }: AccessSurveyDeps,
): Promise<ClusterAccess> => {
  const { name } = link[side]
  const [acls, scram, quotas] = await Promise.all([
    listAcls(admin.acls, name, deadline),
    admin.scram.known(usersOf(side, access), deadline),
    access.quotas ? admin.quotas.list(deadline) : undefined,
  ])
  return { acls, scram, ...(quotas && { quotas }) }
}

/** The users whom the map names on that side, each once. */
const usersOf = (side: 'source' | 'target', { principals }: LinkAccess): readonly string[] => {
  const named = side === 'source' ? Object.keys(principals) : Object.values(principals)
  return [...new Set(named.flatMap((principal) => quotaUser(principal) ?? []))]
}

const listAcls = async (acls: AclAdmin, cluster: string, deadline: Deadline): Promise<readonly AclBinding[]> => {
  const list = await acls.list(deadline)
  if (list.kind === 'listed') return list.bindings
  throw new ReplicationError('NO_AUTHORIZER', `listing the ACLs of ${cluster}: it lets everybody do everything`)
}

const returningRights = async (deadline: Deadline, { returning }: AccessSurveyDeps): Promise<ReadonlySet<string>> => {
  const registries = await Promise.all(returning.map((ledger) => ledger.entries(deadline)))
  return new Set(registries.flat().flatMap(aclText))
}

const aclText = ({ right }: RegisteredRight): readonly string[] =>
  right.kind === 'acl' ? [bindingText(right.binding)] : []

/** A fence that another failover is making right now is no right either. */
const fenceTexts = async (deadline: Deadline, { fenced, fences }: AccessSurveyDeps): Promise<ReadonlySet<string>> => {
  const made = await fences.entries(deadline)
  return new Set([...fenced.map((principal) => bindingText(fenceDenial(principal))), ...made.flatMap(aclText)])
}

/** A topic that the link names gets its replica before any record; a replica that was removed is none any more. */
const replicasOf = async (
  deadline: Deadline,
  { link, topics }: AccessSurveyDeps,
): Promise<ReadonlyMap<string, string>> => {
  const template = replicaTemplate(link.naming, link.source.name)
  const records = [...(await topics.topics(deadline))].filter(([, { removedAt }]) => removedAt === undefined)
  return new Map([
    ...link.topics.map((topic) => [topic, replicaName(template, topic)] as const),
    ...records.map(([topic, { targetTopic }]) => [topic, targetTopic] as const),
  ])
}
