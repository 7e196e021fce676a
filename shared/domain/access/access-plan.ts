import type { AccessFacts } from './access-facts.ts'
import type { AccessStep } from './access-step.ts'
import { bindingForPeople } from './acl-binding.ts'
import { type Held, planAcls } from './acl-plan.ts'
import { holderForPeople, type QuotaName } from './client-quota.ts'
import type { LeftOut } from './left-out.ts'
import { type NotCopyable, notCopyable } from './not-copyable.ts'
import { planQuotas } from './quota-plan.ts'

export interface AccessPlan {
  readonly role: AccessFacts['role']
  readonly steps: readonly AccessStep[]
  readonly held: readonly Held[]
  /** For people. */
  readonly alreadyThere: readonly string[]
  readonly inStep: number
  readonly leftOut: readonly LeftOut[]
  readonly notCopyable: readonly NotCopyable[]
  /** Why nothing is taken away although something seems to be gone. */
  readonly doubts: readonly string[]
}

export const planAccess = (facts: AccessFacts): AccessPlan => {
  const acls = planAcls(facts)
  const quotas = planQuotas(facts)
  const doubt = sourceShowsNothing(facts)
  const takesAway = ({ kind }: AccessStep): boolean => kind === 'revoke' || kind === 'unset-quota'
  const steps = [...acls.steps, ...quotas.steps]
  return {
    role: facts.role,
    steps: doubt === undefined ? steps : steps.filter((step) => !takesAway(step)),
    held: acls.held,
    alreadyThere: [...acls.alreadyThere.map(bindingForPeople), ...quotas.alreadyThere.map(quotaForPeople)],
    inStep: acls.inStep + quotas.inStep,
    leftOut: [...acls.leftOut, ...quotas.leftOut],
    notCopyable: notCopyable(facts),
    doubts: doubt === undefined ? [] : [doubt],
  }
}

export const quotaForPeople = (quota: QuotaName & { readonly value?: number }): string =>
  `${holderForPeople(quota)}: ${quota.key}${quota.value === undefined ? '' : `=${quota.value}`}`

/**
 * A cluster that was set up anew, or an address that leads to another one, has no rights at all: whoever believes it
 * takes everybody's rights away at once.
 */
const sourceShowsNothing = ({ link, source, registered }: AccessFacts): string | undefined => {
  const followed = registered.filter(({ right }) => right.kind === 'acl').length
  if (source.acls.length > 0 || followed === 0) return undefined
  return `${link.source.name} shows no ACL at all, although ${followed} followed from it: nothing is taken away; is it the same cluster?`
}
