import type { FailoverOrder } from '../../domain/failover/failover-order.ts'
import type { GroupLedger } from '../groups/group-ports.ts'
import type { LogReader } from '../log-ports.ts'
import type { Clock, Deadline, LinkState, PageRemoval } from '../ports.ts'
import type { GroupPositions, MappingSwitch, TopicAdmin, TopicLedger } from '../topics/topic-ports.ts'
import type { BoundaryLedger, Executions, PairState, PendingLedger, WriteGate } from './failover-ports.ts'
import type { TailLedger } from './tail-ports.ts'

/** One link of the pair, as a failover knows it: what its table keeps, and its pollers. */
export interface PairLink {
  readonly pair: PairState
  readonly pending: PendingLedger
  readonly state: Pick<LinkState, 'read' | 'seal' | 'advance' | 'recordGap'>
  /** Of its offset map. */
  readonly pages: PageRemoval
  readonly topics: Pick<TopicLedger, 'topics'>
  readonly mappings: MappingSwitch
}

/** One cluster of the pair. `from` is the source of the forward link, and says so in its errors. */
export interface PairCluster {
  readonly topics: Pick<TopicAdmin, 'describe' | 'settings'>
  readonly log: Pick<LogReader, 'edges'>
}

export interface CoreDeps {
  readonly order: FailoverOrder
  readonly from: PairCluster
  readonly to: PairCluster
  readonly forward: PairLink & {
    readonly boundary: BoundaryLedger
    /** What it put on its target for groups. */
    readonly groups: Pick<GroupLedger, 'records' | 'remember'>
    /** Of what was stranded on its source. */
    readonly tails: Pick<TailLedger, 'parts'>
  }
  /** Of the link the other way; absent: the pair has none. */
  readonly reverse?: PairLink & {
    /** Of its pollers, on the cluster that is active afterwards. */
    readonly groups: GroupPositions
  }
  readonly executions: Executions
  readonly gate: WriteGate
  readonly clock: Clock
  /** Resolves to whether the time has passed before the deadline. */
  readonly rest: (ms: number, deadline: Deadline) => Promise<boolean>
}
