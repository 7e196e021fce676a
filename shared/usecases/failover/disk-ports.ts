import type { DisksFacts } from '../../domain/failover/preflight-facts.ts'
import type { Deadline } from '../ports.ts'

/** How full the disks of one cluster's brokers are. Changes nothing. */
export interface ClusterDisks {
  /**
   * Of every broker that is up. Throws `SOURCE_UNREACHABLE` or `TARGET_UNREACHABLE` when one of them does not answer,
   * `ACCESS_DENIED`, `LOGIN_REFUSED` or `CONFIG_INVALID`.
   */
  describe(deadline: Deadline): Promise<DisksFacts>
}
