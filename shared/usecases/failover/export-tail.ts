import { isSettled, type TailPart } from '../../domain/failover/stranded-tail.ts'
import type { Deadline } from '../ports.ts'
import { type StrandedDeps, strandedStretches } from './stranded-stretches.ts'
import type { TailLedger, TailStore } from './tail-ports.ts'

export interface ExportTailDeps extends StrandedDeps {
  readonly ledger: TailLedger
  readonly store: TailStore
}

/** Keeps every record of the tail, piece by piece. A piece is kept before it is remembered: whoever dies in between keeps it twice. */
export const exportTail = async (
  execution: string,
  parts: readonly TailPart[],
  deadline: Deadline,
  deps: ExportTailDeps,
): Promise<void> => {
  for (const part of parts) if (!isSettled(part)) await exportPart(execution, part, deadline, deps)
}

const exportPart = async (
  execution: string,
  part: TailPart,
  deadline: Deadline,
  deps: ExportTailDeps,
): Promise<void> => {
  for await (const stretch of strandedStretches(part, part.settledTo, deadline, deps)) {
    await deps.store.keep(execution, stretch, deadline)
    await deps.ledger.save(execution, { ...part, settledTo: stretch.to }, deadline)
  }
}
