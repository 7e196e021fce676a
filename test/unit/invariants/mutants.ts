import type { Perils } from '../../support/partition-history.ts'
import type { Change } from './changed-build.ts'
import { LOSS_MUTANTS } from './loss-mutants.ts'
import { MAP_MUTANTS } from './map-mutants.ts'
import { TRANSLATION_MUTANTS } from './translation-mutants.ts'

/** Deliberately broken code: a change of the source that a person could make. */
export interface Mutant extends Change {
  /** What is wrong with it. */
  readonly name: string
  /** Invariants that it breaks, by id. */
  readonly breaks: readonly [string, ...string[]]
  /** Whether it breaks no other one. */
  readonly alone?: true
  /** What has to befall a partition for it to show. */
  readonly amid?: Partial<Perils>
}

export const MUTANTS: readonly Mutant[] = [...TRANSLATION_MUTANTS, ...MAP_MUTANTS, ...LOSS_MUTANTS]
