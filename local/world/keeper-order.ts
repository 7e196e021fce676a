import type { WorldOptions } from './world.ts'
import type { WorldDescription } from './world-description.ts'
import type { WorldProgress } from './world-progress.ts'

/** What a keeper is started with: its folder, and this as JSON. */
export interface KeeperOrder {
  readonly name: string
  readonly options: Pick<WorldOptions, 'brokers' | 'secure' | 'awsEndpoint' | 'topics'>
}

/** What a keeper tells whoever started it. */
export type KeeperNews =
  | {
      readonly kind: 'progress'
      readonly step: Parameters<WorldProgress>[0]
      readonly what: Parameters<WorldProgress>[1]
    }
  | { readonly kind: 'up'; readonly description: WorldDescription }
  | { readonly kind: 'failed'; readonly reason: string }

/** Told to a keeper when its starter has seen that the world is up; until then it ends with its starter. */
export const STAY = 'stay'
