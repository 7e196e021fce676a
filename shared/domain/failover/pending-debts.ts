import type { TailChoice } from './failover-input.ts'

/** What an unplanned failover owes the old active side, in the order in which it is settled: a tail may take many passes. */
export const DEBTS = ['fence', 'roles', 'clients', 'tail', 'reverse'] as const
export type Debt = (typeof DEBTS)[number]

/** What waits for the first contact with the old active side. */
export interface PendingDebts {
  /** The name of the execution that owes it, whose ledger and boundary tell the rest. */
  readonly execution: string
  readonly epoch: number
  readonly tail: TailChoice
  /** Milliseconds since 1970. */
  readonly since: number
  /** Never empty, in the order of `DEBTS`. */
  readonly owed: readonly Debt[]
}
