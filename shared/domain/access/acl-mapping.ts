import type { AccessFacts } from './access-facts.ts'
import { type AclBinding, bindingForPeople, bindingText, EVERYBODY } from './acl-binding.ts'
import type { LeftOut } from './left-out.ts'
import { type NameMapping, topicNames } from './mapped-names.ts'

/** What an ACL of the source is on the target, whatever the target's role; or why it does not follow. */
export type AclMapping =
  | { readonly kind: 'mapped'; readonly bindings: readonly AclBinding[] }
  | { readonly kind: 'left-out'; readonly leftOut: LeftOut }

type MappingFacts = Pick<AccessFacts, 'link' | 'access' | 'replicas' | 'fences' | 'returning'>

const leftOut = (binding: AclBinding, why: Pick<LeftOut, 'because' | 'detail'>): AclMapping => ({
  kind: 'left-out',
  leftOut: { what: bindingForPeople(binding), because: why.because, detail: why.detail },
})

export const mapAcl = (binding: AclBinding, facts: MappingFacts): AclMapping => {
  const never = neverFollows(binding, facts)
  if (never !== undefined) return leftOut(binding, never)
  const principals = principalsOf(binding, facts)
  if (principals.length === 0) return leftOut(binding, UNMAPPED)
  const names = namesOf(binding, facts)
  if (names.kind === 'left-out') return leftOut(binding, names)
  const bindings = principals.flatMap((principal) => names.names.map((name) => ({ ...binding, ...name, principal })))
  return { kind: 'mapped', bindings }
}

const UNMAPPED = {
  because: 'principal-unmapped',
  detail: 'the link maps its principal onto none of the target',
} as const

const OF_THE_CLUSTER = new Set<AclBinding['resource']>(['cluster', 'delegation-token', 'user'])

const neverFollows = (
  binding: AclBinding,
  { fences, returning }: MappingFacts,
): Pick<LeftOut, 'because' | 'detail'> | undefined => {
  const { resource, pattern, operation, permission, principal } = binding
  const text = bindingText(binding)
  if (fences.has(text)) return { because: 'fence', detail: 'it fences the source, and is no right' }
  if (returning.has(text)) return { because: 'would-return', detail: 'a link made it of a right that our target has' }
  if ([resource, pattern, operation, permission].includes('unknown'))
    return { because: 'unknown-to-us', detail: 'it is of a kind that this version of Twinshore does not know' }
  if (OF_THE_CLUSTER.has(resource))
    return { because: 'cluster-level', detail: 'rights over a cluster, its tokens and users are given by hand' }
  if (principal === EVERYBODY && permission === 'allow')
    return { because: 'everybody', detail: 'what everybody may do on the source is given to nobody on the target' }
  return undefined
}

/**
 * A DENY for everybody binds each principal of the map instead: on the target everybody are also strangers, and the
 * replicator of the link. No right of ours is ever everybody's.
 */
const principalsOf = ({ principal, permission }: AclBinding, { access }: MappingFacts): readonly string[] => {
  const isForAll = principal === EVERYBODY && permission === 'deny'
  const pairs = Object.entries(access.principals)
  const chosen = isForAll ? pairs : pairs.filter(([source]) => source === principal)
  return [...new Set(chosen.map(([, target]) => target))].filter((target) => target !== EVERYBODY)
}

/** Groups and transactional ids are called the same on both sides. */
const namesOf = (binding: AclBinding, facts: MappingFacts): NameMapping =>
  binding.resource === 'topic'
    ? topicNames(binding, facts)
    : { kind: 'mapped', names: [{ pattern: binding.pattern, name: binding.name }] }
