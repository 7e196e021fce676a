import type { PendingWork } from '../../domain/failover/pending-work.ts'
import type { Deadline } from '../ports.ts'

/** What waits for the old active cluster, in the table of the forward link. Throws errors whose codes begin with `STATE_`. */
export interface PendingLedger {
  /** Strongly consistent; `undefined`: nothing waits. */
  read(deadline: Deadline): Promise<PendingWork | undefined>
  /**
   * Puts `to` where `from` is (`undefined`: nothing); work of which nothing waits any more is taken away. `moved`: it is
   * not `from` any more. A write that is made again is `saved`.
   */
  save(from: PendingWork | undefined, to: PendingWork, deadline: Deadline): Promise<'saved' | 'moved'>
}
