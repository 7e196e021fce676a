import { includes } from '../topics/topic-inclusion.ts'
import { carriesOrigin, replicaName, replicaTemplate } from '../topics/topic-naming.ts'
import type { AccessFacts } from './access-facts.ts'
import { type AclBinding, EVERY_NAME } from './acl-binding.ts'
import type { LeftOut } from './left-out.ts'

export type MappedName = Pick<AclBinding, 'pattern' | 'name'>

/** What an ACL is called on the target, or why it has no name there. */
export type NameMapping =
  | { readonly kind: 'mapped'; readonly names: readonly MappedName[] }
  | ({ readonly kind: 'left-out' } & Pick<LeftOut, 'because' | 'detail'>)

type Named = Pick<AccessFacts, 'link' | 'replicas'>

const mapped = (...names: readonly MappedName[]): NameMapping => ({ kind: 'mapped', names })
const literal = (name: string): MappedName => ({ pattern: 'literal', name })

/** No cluster's name has another character, so that none begins with another one's and what follows that. */
const PART_OF_A_CLUSTER_NAME = /[a-z0-9-]$/

/**
 * What every replica's name begins with, when that and the name on the source are all of it, and it says the cluster that
 * it comes from. Only then one prefix of names on the source is one prefix on the target, and covers nothing there but
 * replicas of that cluster.
 */
const beginningOf = ({ naming, source }: AccessFacts['link']): string | undefined => {
  const [before = '', ...others] = replicaTemplate(naming, source.name).split('{topic}')
  const isAllBefore = others.length === 1 && others[0] === ''
  return isAllBefore && carriesOrigin(naming) && !PART_OF_A_CLUSTER_NAME.test(before) ? before : undefined
}

/**
 * - One topic: its replica. A DENY comes before its replica where a prefix of somebody's ALLOW is to cover the replica
 *   from its first moment on.
 * - A prefix, or all topics: a prefix where the names allow it; else each replica by itself, since on the target the same
 *   prefix would cover topics that are no replicas.
 */
export const topicNames = (binding: AclBinding, { link, replicas }: Named): NameMapping => {
  const beginning = beginningOf(link)
  const isEveryTopic = binding.pattern === 'literal' && binding.name === EVERY_NAME
  if (binding.pattern === 'literal' && !isEveryTopic) return oneTopic(binding, beginning, { link, replicas })
  const start = isEveryTopic ? '' : binding.name
  if (beginning !== undefined) return mapped({ pattern: 'prefixed', name: `${beginning}${start}` })
  const names = [...replicas].filter(([topic]) => topic.startsWith(start)).map(([, replica]) => literal(replica))
  if (names.length > 0) return mapped(...names)
  return { kind: 'left-out', because: 'no-replica-yet', detail: 'the target has no replica that it would cover' }
}

const oneTopic = (
  { name, permission }: AclBinding,
  beginning: string | undefined,
  { link, replicas }: Named,
): NameMapping => {
  const replica = replicas.get(name)
  if (replica !== undefined) return mapped(literal(replica))
  if (permission === 'deny' && beginning !== undefined && includes(link, name))
    return mapped(literal(replicaName(replicaTemplate(link.naming, link.source.name), name)))
  return { kind: 'left-out', because: 'topic-not-replicated', detail: 'the target has no replica of the topic' }
}
