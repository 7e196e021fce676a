import type { FailoverInput } from './failover-input.ts'

type Read = Pick<FailoverInput, 'mode' | 'force' | 'positions' | 'tail'>

const asRead = ({ mode, force, positions, tail }: Read): string =>
  JSON.stringify([mode, force, positions.kind, positions.kind === 'timestamp' ? positions.at : 0, tail])

/**
 * Why nothing may be changed by an input; absent: it is what the preflight was made for, and so what was approved. `report`:
 * as the ledger has it. Where that does not tell, nobody knows what was approved, which is no leave.
 */
export const whyNotApproved = (input: FailoverInput, report: unknown): string | undefined => {
  if (!isRead(report)) return UNREADABLE
  return asRead(input) === asRead(report) ? undefined : 'the preflight was made for another input'
}

const UNREADABLE =
  'what the preflight found cannot be read in the ledger of the execution, so that nobody knows what was approved: what was changed is put back; start the failover again, and look who else writes to the table of the link'

/** Nobody but the step `preflight` writes there. */
const isRead = (report: unknown): report is Read => {
  if (typeof report !== 'object' || report === null) return false
  const { mode, force, positions, tail }: { readonly [Field in keyof Read]?: unknown } = report
  const says = typeof mode === 'string' && typeof force === 'boolean' && typeof tail === 'string'
  return says && typeof positions === 'object' && positions !== null && 'kind' in positions
}
