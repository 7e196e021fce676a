import type { History } from '../../support/partition-history.ts'
import { LOSS_INVARIANTS } from './loss-invariants.ts'
import { MAP_INVARIANTS } from './map-invariants.ts'
import { type Observed, observe } from './observed-world.ts'
import { TRANSLATION_INVARIANTS } from './translation-invariants.ts'

/** A rule of the offset map that holds after every history; I1 to I13 are those of the design, and a letter is a part of one. */
export interface Invariant {
  readonly id: string
  readonly sentence: string
  /** What contradicts it, in words; empty where it holds. */
  violations(observed: Observed): readonly string[] | Promise<readonly string[]>
}

/** Those of loss come last, since they deliver once more what was skipped. */
export const INVARIANTS: readonly Invariant[] = [...TRANSLATION_INVARIANTS, ...MAP_INVARIANTS, ...LOSS_INVARIANTS]

/** The invariants that do not hold after a history, by id, with what contradicts each of them. */
export const violatedBy = async (history: History): Promise<ReadonlyMap<string, readonly string[]>> => {
  const observed = await observe(history)
  const violated = new Map<string, readonly string[]>()
  for (const invariant of INVARIANTS) {
    const violations = await invariant.violations(observed)
    if (violations.length > 0) violated.set(invariant.id, violations)
  }
  return violated
}
