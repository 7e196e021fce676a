/** As Lambda calls the states of a mapping; the middle ones pass by themselves. */
export type MappingState = 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting'

/** One event source mapping of a link's function. */
export interface LinkMapping {
  /** Its UUID. */
  readonly id: string
  readonly topic: string
  readonly state: MappingState
  /** Who made it, and so who may remove it. */
  readonly madeBy: 'stack' | 'run-time'
}
