import type { World, WorldOptions } from '../../world/world.ts'
import type { Steps } from '../steps.ts'

/** What the command line says; a scenario takes what concerns it. */
export interface ScenarioOptions {
  readonly records: number
  readonly sizeBytes: number
  readonly recordsPerSecond?: number
  /** A file whose lines are sent instead of made-up records. */
  readonly input?: string
  readonly seed: number
  readonly isolation: 'committed' | 'uncommitted'
  /** Clusters ask who is there, and what they may. */
  readonly secure: boolean
}

export interface Check {
  readonly name: string
  readonly held: boolean
  readonly measured: string
  readonly expected: string
}

/** What came out, besides the checks: fields of the JSON document, and a table for people. */
export type Figures = Readonly<Record<string, Json>>
export type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json }

export type WorldNeeds = Pick<WorldOptions, 'layout' | 'topics' | 'link' | 'choosePoller'>

export interface Stage {
  readonly options: ScenarioOptions
  readonly steps: Steps
  /** Brings up the world, once; it is torn down at the end, whatever happens. */
  startWorld(needs: WorldNeeds): Promise<World>
  check(name: string, check: { readonly held: boolean; readonly measured: unknown; readonly expected: unknown }): void
}

export interface Scenario {
  readonly name: string
  /** One sentence for `--list`. */
  readonly summary: string
  run(stage: Stage): Promise<Figures>
}
