import type { AccessFacts } from './access-facts.ts'
import type { AccessStep } from './access-step.ts'
import { type AclBinding, bindingText } from './acl-binding.ts'
import { mapAcl } from './acl-mapping.ts'
import { grantedOnStandby, waitsForPromotion } from './held-right.ts'
import type { LeftOut } from './left-out.ts'
import type { RegisteredRight } from './own-right.ts'

/** A right that waits until the target is promoted, and what is granted of it meanwhile. */
export interface Held {
  readonly binding: AclBinding
  readonly meanwhile: readonly AclBinding[]
}

export interface AclPlan {
  readonly steps: readonly AccessStep[]
  readonly held: readonly Held[]
  /** What the target had before us. */
  readonly alreadyThere: readonly AclBinding[]
  /** How many of ours are as they shall be. */
  readonly inStep: number
  readonly leftOut: readonly LeftOut[]
}

type Bindings = ReadonlyMap<string, AclBinding>
type AclFacts = Pick<
  AccessFacts,
  'link' | 'access' | 'role' | 'replicas' | 'source' | 'target' | 'registered' | 'fences' | 'returning'
>

const byText = (bindings: readonly AclBinding[]): Bindings =>
  new Map(bindings.map((binding) => [bindingText(binding), binding]))

/** What shall be on the target, what is there, and what of that is ours: the steps are the difference. */
export const planAcls = (facts: AclFacts): AclPlan => {
  const mappings = facts.source.acls.map((binding) => mapAcl(binding, facts))
  const whole = [...byText(mappings.flatMap((mapping) => (mapping.kind === 'mapped' ? mapping.bindings : []))).values()]
  const isStandby = facts.role === 'standby'
  const wanted = byText(isStandby ? whole.flatMap(grantedOnStandby) : whole)
  const there = byText(facts.target.acls)
  const ours = ownAcls(facts.registered)
  const kept = [...wanted].filter(([text]) => there.has(text))
  return {
    steps: [...grants(wanted, there), ...revocations(wanted, there, ours)],
    held: isStandby ? whole.filter(waitsForPromotion).map((binding) => heldOf(binding)) : [],
    alreadyThere: kept.filter(([text]) => !ours.has(text)).map(([, binding]) => binding),
    inStep: kept.filter(([text]) => ours.has(text)).length,
    leftOut: mappings.flatMap((mapping) => (mapping.kind === 'left-out' ? [mapping.leftOut] : [])),
  }
}

const heldOf = (binding: AclBinding): Held => ({ binding, meanwhile: grantedOnStandby(binding) })

interface OwnAcl {
  readonly binding: AclBinding
  readonly entry: RegisteredRight
}

const ownAcls = (registered: readonly RegisteredRight[]): ReadonlyMap<string, OwnAcl> =>
  new Map(
    registered.flatMap((entry) => {
      const { right } = entry
      return right.kind === 'acl' ? [[bindingText(right.binding), { binding: right.binding, entry }] as const] : []
    }),
  )

const grants = (wanted: Bindings, there: Bindings): AccessStep[] =>
  [...wanted].filter(([text]) => !there.has(text)).map(([, binding]) => ({ kind: 'grant', binding }))

const revocations = (wanted: Bindings, there: Bindings, ours: ReadonlyMap<string, OwnAcl>): AccessStep[] =>
  [...ours]
    .filter(([text]) => !wanted.has(text))
    .map(([text, { binding, entry }]) => ({ kind: 'revoke', binding, entry, isGone: !there.has(text) }))
