import type { FailoverInput } from './failover-input.ts'
import type { PreflightReport } from './preflight-report.ts'

type Read = Pick<PreflightReport, 'mode' | 'force' | 'positions' | 'tail'>

const asRead = ({ mode, force, positions, tail }: Read): string =>
  JSON.stringify([mode, force, positions.kind, positions.kind === 'timestamp' ? positions.at : 0, tail])

/** Whether that is what the preflight was made for, and so what was approved. */
export const isApprovedInput = (input: FailoverInput, report: Read): boolean => asRead(input) === asRead(report)
