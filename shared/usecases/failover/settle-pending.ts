import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import { dueness, giveUpCommand } from '../../domain/failover/given-up.ts'
import { stoodDown } from '../../domain/failover/pair-roles.ts'
import { DEBTS, type Debt, type PendingDebts } from '../../domain/failover/pending-debts.ts'
import type { Lease } from '../lease-ports.ts'
import type { Clock, Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { PairState, PendingLedger } from './failover-ports.ts'
import type { FenceAnswer } from './fence-ports.ts'

/** What settles each debt; each may be called again, and goes on where it was. */
export type Settlements = Readonly<Record<Debt, (debts: PendingDebts, deadline: Deadline) => Promise<Settled>>>
export type Settled = Pick<FenceAnswer, 'outcome' | 'message'>

export interface PendingDeps {
  /** For people, who give up by it what is never done. */
  readonly pairName: string
  readonly forward: { readonly pair: PairState; readonly pending: PendingLedger }
  /** Of the link the other way; absent: there is none. */
  readonly reverse?: { readonly pair: PairState }
  readonly settlements: Settlements
  /** One at a time: whoever appends a tail must know what is under way. */
  readonly lease: Lease
  readonly clock: Clock
}

export interface DebtReport {
  readonly debt: Debt
  readonly outcome: FenceAnswer['outcome'] | 'failed' | 'waits'
  readonly message: string
}

/** What one pass found and did. */
export interface PendingReport {
  /** Since this side learnt that it had missed a promotion of the other one. */
  readonly stoodDown?: number
  readonly execution?: string
  /** Milliseconds since 1970. */
  readonly since?: number
  readonly debts: readonly DebtReport[]
}

/** The lease outlasts everything that a pass may have sent. */
const LEASE_MARGIN_MS = 30_000
const OTHER_REGION_MS = 10_000
/** Left to remembering what was done, and to giving the lease back. */
const CLOSING_MS = 3_000

/** What must be settled before each of them. The fence is tried first of all, so that it comes before anything is read there. */
const NEEDS: Readonly<Record<Debt, readonly Debt[]>> = {
  fence: [],
  roles: [],
  clients: [],
  tail: ['fence'],
  reverse: ['fence', 'roles', 'tail'],
}

/**
 * One pass of whoever waits for the old active cluster. First this side stands down when the other one was promoted in a
 * later epoch; then what a failover to this side owes is settled, as far as it can be. Nothing that fails stops what does
 * not need it. `owner`: of the lease.
 */
export const settlePending = async (owner: string, deadline: Deadline, deps: PendingDeps): Promise<PendingReport> => {
  const epoch = await standDown(deadline, deps)
  const missed = epoch === undefined ? {} : { stoodDown: epoch }
  const debts = await deps.forward.pending.pending(deadline)
  if (debts === undefined) return { ...missed, debts: [] }
  const { execution, since } = debts
  const until = deadline.at + LEASE_MARGIN_MS
  const turn = await deps.lease.acquire(owner, deps.clock.now(), until, deadline)
  if (turn === 'held') return { ...missed, execution, since, debts: [] }
  try {
    const work = brief(deadline, Math.max(0, deadline.at - deps.clock.now() - CLOSING_MS), deps)
    return { ...missed, execution, since, debts: await settleAll(debts, { work, deadline }, deps) }
  } finally {
    await deps.lease.release(owner, deadline)
  }
}

/** Nothing that this side may do depends on the other region answering, nor on the time that it takes. */
const standDown = async (
  deadline: Deadline,
  { forward, reverse, clock }: Pick<PendingDeps, 'forward' | 'reverse' | 'clock'>,
): Promise<number | undefined> => {
  if (reverse === undefined) return undefined
  const other = await reverse.pair.read(brief(deadline, OTHER_REGION_MS, { clock })).catch((error: unknown) => {
    if (error instanceof ReplicationError && error.transient) return undefined
    throw error
  })
  const { status } = await forward.pair.read(deadline)
  const to = stoodDown(status, other?.status)
  if (to === undefined) return undefined
  return (await forward.pair.standDown(status, to, deadline)) === 'changed' ? to.epoch : undefined
}

interface Times {
  /** For what settles a debt. */
  readonly work: Deadline
  /** For the tables, and later. */
  readonly deadline: Deadline
}

const settleAll = async (debts: PendingDebts, times: Times, deps: PendingDeps): Promise<readonly DebtReport[]> => {
  const left = new Set(debts.owed)
  const reports: DebtReport[] = []
  for (const debt of DEBTS.filter((one) => left.has(one))) {
    const report = await settleOne(debt, left, debts, times, deps)
    if (report.outcome === 'done') left.delete(debt)
    reports.push(report)
  }
  return reports
}

const settleOne = async (
  debt: Debt,
  left: ReadonlySet<Debt>,
  debts: PendingDebts,
  { work, deadline }: Times,
  deps: PendingDeps,
): Promise<DebtReport> => {
  const awaited = NEEDS[debt].filter((needed) => left.has(needed))
  if (awaited.length > 0) return { debt, outcome: 'waits', message: `first ${awaited.join(', ')}` }
  try {
    const { outcome, message } = (await unlessDue(debts, deadline, deps)) ?? (await deps.settlements[debt](debts, work))
    if (outcome === 'done') await deps.forward.pending.settle(debts.execution, debt, deadline)
    return { debt, outcome, message }
  } catch (error) {
    return { debt, outcome: 'failed', message: asReplicationError(error, `settling the ${debt}`).message }
  }
}

/**
 * A cluster that is active again by now must not be fenced by a failover of the past, nor one that stays active since its
 * failover is put back. `undefined`: it is due.
 */
const unlessDue = async (
  debts: PendingDebts,
  deadline: Deadline,
  { forward, pairName }: Pick<PendingDeps, 'forward' | 'pairName'>,
): Promise<(Pick<DebtReport, 'message'> & { readonly outcome: 'waits' | 'done' | 'refused' }) | undefined> => {
  const { execution } = debts
  const { status } = await forward.pair.read(deadline)
  switch (dueness(debts, status)) {
    case 'due':
      return undefined
    case 'not-promoted':
      return { outcome: 'waits', message: `${execution} has not promoted yet` }
    case 'overtaken': {
      const decision = await forward.pending.givenUp(execution, 'all', deadline)
      if (decision !== undefined) return { outcome: 'done', message: `given up by ${decision.by}: ${decision.reason}` }
      return { outcome: 'refused', message: `${OVERTAKEN}: ${giveUpCommand(pairName, execution)}` }
    }
  }
}

const OVERTAKEN = 'the pair has failed over since, so that nothing of this is done; give up what is owed'
