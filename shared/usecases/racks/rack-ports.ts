import type { Layout } from '../../domain/racks/cluster-layout.ts'
import type { Deadline } from '../ports.ts'

/** Where one cluster has its brokers, replicas and controllers. Changes nothing. */
export interface ClusterLayout {
  /**
   * As one broker knows it now: of the topics, those that the login may describe. What a cluster does not tell of its
   * controllers, or may not tell this login, is in the answer.
   *
   * Throws `SOURCE_UNREACHABLE` or `TARGET_UNREACHABLE`, `LOGIN_REFUSED` or `CONFIG_INVALID`.
   */
  describe(deadline: Deadline): Promise<Layout>
}
