import type { AccessPlan } from '../../domain/access/access-plan.ts'
import type { AccessStep } from '../../domain/access/access-step.ts'
import { type AclBinding, bindingText } from '../../domain/access/acl-binding.ts'
import { type QuotaChange, quotaText } from '../../domain/access/client-quota.ts'
import { waitsForPromotion } from '../../domain/access/held-right.ts'
import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { Deadline, LinkState } from '../ports.ts'
import type { AccessLedger } from './access-ports.ts'
import { type AccessOutcome, type RightChange, RightChanges } from './change-rights.ts'
import type { AccessAdmin } from './survey-access.ts'

export interface ApplyAccessDeps {
  readonly target: Pick<AccessAdmin, 'acls' | 'quotas'>
  readonly registry: AccessLedger
  readonly state: Pick<LinkState, 'read'>
}

type StepOf<Kind extends AccessStep['kind']> = Extract<AccessStep, { kind: Kind }>
type Grant = StepOf<'grant'>
type Revocation = StepOf<'revoke'>

/**
 * A principal gets its DENYs before its ALLOWs and loses its ALLOWs before its DENYs, so that at no moment it may do what
 * it must not. What replaces something is there before that goes. One principal never stops another. Never throws; every
 * step has its outcome.
 */
export const applyAccess = async (
  { role, steps }: Pick<AccessPlan, 'role' | 'steps'>,
  deadline: Deadline,
  deps: ApplyAccessDeps,
): Promise<ReadonlyMap<AccessStep, AccessOutcome>> => {
  const changes = new RightChanges(deps.registry, deadline)
  const [grants, revocations] = [ofKind(steps, 'grant'), ofKind(steps, 'revoke')]
  const denials = grants.filter(isDeny)
  const allowances = grants.filter(isAllow)
  const disallowances = revocations.filter(isAllow)
  const pass: Pass = { changes, deadline, deps }
  await grant(denials, pass)
  await skipHeld(allowances, role, pass)
  skipFor(principalsNotDone(denials, changes), 'a DENY of the same principal could not be made', allowances, changes)
  await grant(allowances, pass)
  skipReplaced(disallowances, allowances, changes)
  await revoke(disallowances, pass)
  const undenials = revocations.filter(isDeny)
  const stillAllowed = principalsNotDone(disallowances, changes)
  skipFor(stillAllowed, 'an ALLOW of the same principal could not be taken away', undenials, changes)
  await revoke(undenials, pass)
  await setQuotas(steps, pass)
  return changes.outcomes
}

interface Pass {
  readonly changes: RightChanges
  readonly deadline: Deadline
  readonly deps: ApplyAccessDeps
}

const ofKind = <Kind extends AccessStep['kind']>(steps: readonly AccessStep[], kind: Kind): StepOf<Kind>[] =>
  steps.filter((step): step is StepOf<Kind> => step.kind === kind)

const isDeny = ({ binding }: Grant | Revocation): boolean => binding.permission === 'deny'
const isAllow = (step: Grant | Revocation): boolean => !isDeny(step)

const due = <Step extends AccessStep>(steps: readonly Step[], { outcomes }: RightChanges): Step[] =>
  steps.filter((step) => !outcomes.has(step))

const grant = async (steps: readonly Grant[], { changes, deadline, deps }: Pass): Promise<void> => {
  const change = {
    doing: 'granting rights on the target',
    steps: due(steps, changes),
    text: ({ binding }: Grant) => bindingText(binding),
    ask: (asked: readonly Grant[]) => deps.target.acls.create(bindingsOf(asked), deadline),
  }
  await changes.make(change, ({ binding }) => ({ kind: 'acl', binding }))
}

const revoke = async (steps: readonly Revocation[], { changes, deadline, deps }: Pass): Promise<void> =>
  await changes.takeAway({
    doing: 'revoking rights on the target',
    steps: due(steps, changes),
    text: ({ binding }) => bindingText(binding),
    ask: (asked) => deps.target.acls.remove(bindingsOf(asked), deadline),
  })

const bindingsOf = (steps: readonly { readonly binding: AclBinding }[]): AclBinding[] =>
  steps.map(({ binding }) => binding)

/** A failover may have begun since the plan was made: nobody writes to a standby. */
const skipHeld = async (
  allowances: readonly Grant[],
  planned: AccessPlan['role'],
  { changes, deadline, deps }: Pass,
): Promise<void> => {
  const held = allowances.filter(({ binding }) => waitsForPromotion(binding))
  if (held.length === 0) return
  const error = await whyNotNow(planned, deadline, deps)
  if (error !== undefined) for (const step of held) changes.skip(step, error)
}

const whyNotNow = async (
  planned: AccessPlan['role'],
  deadline: Deadline,
  { state }: ApplyAccessDeps,
): Promise<ReplicationError | undefined> => {
  const doing = 'granting what only an active target grants'
  try {
    const { status } = await state.read([], deadline)
    if (status.role === planned) return undefined
    return new ReplicationError('EPOCH_STALE', `${doing}: it is ${status.role} by now`)
  } catch (error) {
    return asReplicationError(error, doing)
  }
}

const principalsNotDone = (steps: readonly (Grant | Revocation)[], changes: RightChanges): ReadonlySet<string> =>
  new Set(steps.filter((step) => !changes.isDone(step)).map(({ binding }) => binding.principal))

const skipFor = (
  principals: ReadonlySet<string>,
  because: string,
  steps: readonly (Grant | Revocation)[],
  changes: RightChanges,
): void => {
  for (const step of due(steps, changes)) {
    const { principal } = step.binding
    if (!principals.has(principal)) continue
    changes.skip(step, new ReplicationError('ACCESS_REFUSED', `changing the rights of ${principal}: ${because}`))
  }
}

const whole = (binding: AclBinding): string => bindingText({ ...binding, operation: 'all' })

/** The parts of an ALL stay as long as the ALL could not be granted that takes their place. */
const skipReplaced = (
  disallowances: readonly Revocation[],
  allowances: readonly Grant[],
  changes: RightChanges,
): void => {
  const missing = new Set(allowances.filter((step) => !changes.isDone(step)).map(({ binding }) => bindingText(binding)))
  for (const step of disallowances) {
    const { binding } = step
    if (!missing.has(whole(binding))) continue
    const doing = `revoking a part of what ${binding.principal} shall have: the whole could not be granted`
    changes.skip(step, new ReplicationError('ACCESS_REFUSED', doing))
  }
}

const setQuotas = async (steps: readonly AccessStep[], { changes, deadline, deps }: Pass): Promise<void> => {
  const change = <Step extends StepOf<'set-quota' | 'unset-quota'>>(those: readonly Step[]): RightChange<Step> => ({
    doing: 'changing quotas on the target',
    steps: those,
    text: ({ quota }) => quotaText(quota),
    ask: (asked) => deps.target.quotas.alter(quotaChanges(asked), deadline),
  })
  await changes.make(change(ofKind(steps, 'set-quota')), ({ quota: { value: _, ...quota } }) => ({
    kind: 'quota',
    quota,
  }))
  await changes.takeAway(change(ofKind(steps, 'unset-quota')))
}

const quotaChanges = (steps: readonly StepOf<'set-quota' | 'unset-quota'>[]): QuotaChange[] =>
  steps.map(({ quota }) => quota)
