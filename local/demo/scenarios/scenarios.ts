import { replicate } from './replicate.ts'
import type { Scenario } from './scenario.ts'

/** In the order of `--list`; the first one runs when none is named. */
export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [replicate]
