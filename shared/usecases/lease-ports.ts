import type { Deadline } from './ports.ts'

/** Who may do what must not be done twice at a time. Throws errors whose codes begin with `STATE_`. */
export interface Lease {
  /**
   * Takes it until `until`, or keeps it when it is the owner's already. `held`: somebody else has it, for longer than `now`.
   * Both in milliseconds since 1970. Who dies with it is followed by another owner once it has run out.
   */
  acquire(owner: string, now: number, until: number, deadline: Deadline): Promise<'acquired' | 'held'>
  /** Gives it back early; does nothing when it is not the owner's. */
  release(owner: string, deadline: Deadline): Promise<void>
}
