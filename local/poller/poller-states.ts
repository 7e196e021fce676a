/** The states of an event source mapping, as AWS names them. */
export type PollerState = 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Deleting'

/** How long AWS takes: minutes to create, up to 90 s to disable or enable. Short by default, so that tests are. */
export interface StateDelays {
  readonly createMs: number
  readonly enableMs: number
  readonly disableMs: number
}

export const NO_DELAYS: StateDelays = { createMs: 0, enableMs: 0, disableMs: 0 }
