import type { LinkStatus } from '../head.ts'
import type { PendingDebts } from './pending-debts.ts'

/** That the cluster is emptied, or all that is owed, once nothing of it is ever due. A yes to one is none to the other. */
export type GivenUpScope = 'scrape' | 'all'

/** That nobody waits any more for something that an execution owes, as somebody has decided. */
export interface GivenUp {
  readonly what: GivenUpScope
  readonly by: string
  /** In the words of whoever decided it. */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** `not-promoted`: nothing is due yet. `overtaken`: the pair has failed over since, so that nothing of it is ever due. */
export const dueness = (
  { epoch }: Pick<PendingDebts, 'epoch'>,
  status: Pick<LinkStatus, 'role' | 'epoch'>,
): 'due' | 'not-promoted' | 'overtaken' => {
  if (status.epoch < epoch) return 'not-promoted'
  return status.epoch === epoch && status.role === 'active' ? 'due' : 'overtaken'
}

/**
 * What somebody can give up of what is owed: that the cluster is emptied, or all of it once nothing of it is ever due.
 * `nothing`: what is asked for is done by itself, as soon as it can be.
 */
export const whatCanBeGivenUp = (
  debts: Pick<PendingDebts, 'epoch' | 'tail'>,
  status: Pick<LinkStatus, 'role' | 'epoch'>,
): GivenUpScope | 'nothing' => {
  if (dueness(debts, status) === 'overtaken') return 'all'
  return debts.tail === 'scrape' ? 'scrape' : 'nothing'
}

export const giveUpCommand = (pair: string, execution: string): string =>
  `npx twinshore tail ${pair} ${execution} --give-up --reason '...'`
