import type { AccessStep } from '../../domain/access/access-step.ts'
import { bindingText } from '../../domain/access/acl-binding.ts'
import type { Held } from '../../domain/access/acl-plan.ts'
import { type OwnRight, type RegisteredRight, rightText } from '../../domain/access/own-right.ts'
import type { Deadline } from '../ports.ts'
import type { AccessLedger } from './access-ports.ts'
import { type ApplyAccessDeps, applyAccess } from './apply-access.ts'
import type { AccessOutcome } from './change-rights.ts'
import type { AccessAdmin } from './survey-access.ts'

export interface HeldDeps extends ApplyAccessDeps {
  readonly target: Pick<AccessAdmin, 'acls' | 'quotas'>
  /** What the last pass held back since the target was standby. */
  readonly held: AccessLedger
}

/** What was held back is no promise of the source any more once it does not answer: so it is remembered here. */
export const keepHeld = async (
  held: readonly Pick<Held, 'binding'>[],
  deadline: Deadline,
  { held: ledger }: HeldDeps,
): Promise<void> => {
  const rights = held.map(({ binding }): OwnRight => ({ kind: 'acl', binding }))
  const wanted = new Set(rights.map(rightText))
  const known = await ledger.entries(deadline)
  const texts = new Set(known.map(({ right }) => rightText(right)))
  for (const right of rights) if (!texts.has(rightText(right))) await ledger.remember(right, deadline)
  for (const entry of known) if (!wanted.has(rightText(entry.right))) await ledger.forget(entry, deadline)
}

/** What of it was granted now, each with its outcome. */
export interface GrantedHeld {
  readonly isActive: boolean
  readonly outcomes: ReadonlyMap<AccessStep, AccessOutcome>
}

/**
 * Once the target is promoted, grants what was held back until then. The source is not asked: it may be what was failed over
 * from. The DENYs that it had when it was last asked are on the target already, since they never wait.
 */
export const grantHeld = async (deadline: Deadline, deps: HeldDeps): Promise<GrantedHeld> => {
  const { role } = (await deps.state.read([], deadline)).status
  const entries = role === 'active' ? await deps.held.entries(deadline) : []
  if (entries.length === 0) return { isActive: role === 'active', outcomes: new Map() }
  const list = await deps.target.acls.list(deadline)
  const there = new Set(list.kind === 'listed' ? list.bindings.map(bindingText) : [])
  const steps = entries.flatMap(grantOf).filter(({ binding }) => !there.has(bindingText(binding)))
  return { isActive: true, outcomes: await applyAccess({ role, steps }, deadline, deps) }
}

const grantOf = ({ right }: RegisteredRight) =>
  right.kind === 'acl' ? [{ kind: 'grant' as const, binding: right.binding }] : []
