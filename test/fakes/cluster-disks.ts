import { ReplicationError } from '../../shared/domain/errors.ts'
import type { DisksFacts } from '../../shared/domain/failover/preflight-facts.ts'
import type { ClusterDisks } from '../../shared/usecases/failover/disk-ports.ts'

/** The disks of a cluster in memory. */
export class FakeClusterDisks implements ClusterDisks {
  reachable = true
  facts: DisksFacts = {
    disks: [{ node: 1, directory: '/data', totalBytes: 1_000, usableBytes: 700 }],
    offline: [],
    unmeasured: [],
  }

  async describe(): Promise<DisksFacts> {
    if (!this.reachable) throw new ReplicationError('TARGET_UNREACHABLE', 'asking how full the disks are')
    return this.facts
  }
}
