import { type AccessPlan, quotaForPeople } from '../../domain/access/access-plan.ts'
import type { AccessStep } from '../../domain/access/access-step.ts'
import { bindingForPeople, operationForPeople } from '../../domain/access/acl-binding.ts'
import type { Held } from '../../domain/access/acl-plan.ts'
import { holderForPeople, quotaPrincipal } from '../../domain/access/client-quota.ts'
import type { AccessOutcome } from './change-rights.ts'
import type { AccessPass } from './sync-access.ts'

/** What became of one right or quota; `planned` when nothing was to be changed. */
export interface AccessStepReport {
  /** For people, with its principal: `User:app: ALLOW READ on topic west.orders`. */
  readonly what: string
  /** Whom it is about on the target. */
  readonly principal: string
  readonly outcome: 'planned' | 'done' | 'failed' | 'skipped'
  /** Why it failed, or why it was not tried. */
  readonly error?: string
}

/** A right that the target shall have once it is promoted. */
export interface HeldRight {
  readonly what: string
  readonly principal: string
  /** What is granted of it meanwhile, as `READ`. */
  readonly meanwhile: readonly string[]
}

/** Something on the source that does not follow, and why not. */
export interface LeftOutRight {
  readonly what: string
  readonly because: string
  readonly detail: string
}

/** What a pass over the rights of a link did, or would do: plain JSON. */
export interface AccessReport {
  /** What the target is; `active` after a promotion. */
  readonly role: 'active' | 'standby'
  readonly granted: readonly AccessStepReport[]
  readonly revoked: readonly AccessStepReport[]
  readonly quotas: readonly AccessStepReport[]
  /** Pending until the target is promoted. */
  readonly held: readonly HeldRight[]
  /** What the target had before us, and is never ours. */
  readonly alreadyThere: readonly string[]
  /** How many rights and quotas of ours were as they shall be. */
  readonly inStep: number
  readonly leftOut: readonly LeftOutRight[]
  /** What no call of Kafka's copies: IAM policies, passwords. */
  readonly notCopyable: readonly LeftOutRight[]
  /** What somebody should look at. */
  readonly troubles: readonly string[]
  /** Principals of the target of which a step failed, and what makes the whole plan doubtful. */
  readonly faulted: readonly string[]
}

/** What is not as planned, after a pass or before one. */
export const drift = ({ granted, revoked, quotas }: AccessReport): number =>
  [...granted, ...revoked, ...quotas].filter(({ outcome }) => outcome !== 'done').length

export const accessPlanReport = (plan: AccessPlan): AccessReport => report(plan, new Map())

export const accessPassReport = ({ plan, outcomes }: AccessPass): AccessReport => report(plan, outcomes)

type Outcomes = AccessPass['outcomes']

const report = (plan: AccessPlan, outcomes: Outcomes): AccessReport => {
  const { role, steps, held, alreadyThere, inStep, leftOut, notCopyable, doubts } = plan
  const told = (...kinds: readonly AccessStep['kind'][]): AccessStepReport[] =>
    steps.filter(({ kind }) => kinds.includes(kind)).map((step) => stepReport(step, outcomes.get(step)))
  return {
    role,
    granted: told('grant'),
    revoked: told('revoke'),
    quotas: told('set-quota', 'unset-quota'),
    held: held.map(heldReport),
    alreadyThere,
    inStep,
    leftOut: leftOut.map(({ what, because, detail }) => ({ what, because, detail })),
    notCopyable: notCopyable.map(({ what, because, detail }) => ({ what, because, detail })),
    troubles: doubts,
    faulted: [...new Set(faultsOf(plan, outcomes))].sort(),
  }
}

/** A client id alone is nobody's principal. */
const holderOf = (step: AccessStep): string => {
  if (step.kind === 'grant' || step.kind === 'revoke') return step.binding.principal
  const { user } = step.quota
  return user === undefined ? holderForPeople(step.quota) : quotaPrincipal(user)
}

const stepText = (step: AccessStep): string => {
  switch (step.kind) {
    case 'grant':
      return bindingForPeople(step.binding)
    case 'revoke':
      return `${bindingForPeople(step.binding)}${step.isGone ? ' (gone already)' : ''}`
    case 'set-quota':
      return quotaForPeople(step.quota)
    case 'unset-quota':
      return `${quotaForPeople(step.quota)} (taken away)`
  }
}

const stepReport = (step: AccessStep, outcome: AccessOutcome | undefined): AccessStepReport => ({
  what: stepText(step),
  principal: holderOf(step),
  outcome: outcome?.kind ?? 'planned',
  ...(outcome !== undefined && outcome.kind !== 'done' && { error: outcome.error.message }),
})

const heldReport = ({ binding, meanwhile }: Held): HeldRight => ({
  what: bindingForPeople(binding),
  principal: binding.principal,
  meanwhile: meanwhile.map(({ operation }) => operationForPeople(operation)),
})

const faultsOf = ({ doubts, steps }: AccessPlan, outcomes: Outcomes): string[] => [
  ...(doubts.length > 0 ? ['the source'] : []),
  ...steps.filter((step) => outcomes.get(step)?.kind === 'failed').map(holderOf),
]
