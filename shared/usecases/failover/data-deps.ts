import type { FailoverOrder } from '../../domain/failover/failover-order.ts'
import type { GroupAdmin } from '../groups/group-ports.ts'
import type { GroupSurveyDeps } from '../groups/survey-groups.ts'
import type { LogReader } from '../log-ports.ts'
import type { Clock, Deadline } from '../ports.ts'
import type { ClusterLayout } from '../racks/rack-ports.ts'
import type { TopicAdmin, TopicLedger } from '../topics/topic-ports.ts'
import type { HoleConfirmation } from '../verify/verify-ports.ts'
import type { ClusterDisks } from './disk-ports.ts'
import type { BoundaryLedger, PairState, PendingLedger } from './failover-ports.ts'
import type { ForeignWritesDeps } from './foreign-writes.ts'
import type { LinkFunctions } from './link-functions.ts'
import type { ResettleDeps } from './resettle-groups.ts'

/** One cluster of the pair, looked at; of its groups only positions are ever changed. */
export interface DataCluster {
  readonly topics: Pick<TopicAdmin, 'describe' | 'settings'>
  readonly log: Pick<LogReader, 'edges' | 'read' | 'firstSince'>
  readonly groups: GroupAdmin
}

/** What is kept in the table of one link of the pair. */
export interface DataLink {
  readonly pair: Pick<PairState, 'read'>
  readonly pending: Pick<PendingLedger, 'pending'>
}

/** What the steps need that look at data, and move groups. */
export interface DataDeps {
  readonly order: FailoverOrder
  readonly from: DataCluster
  readonly to: DataCluster & { readonly layout: ClusterLayout; readonly disks: ClusterDisks }
  readonly forward: DataLink & {
    readonly state: ForeignWritesDeps['state'] & Pick<HoleConfirmation, 'readVerified'>
    readonly topics: Pick<TopicLedger, 'topics'>
    readonly groups: ResettleDeps['ledger']
    readonly boundary: Pick<BoundaryLedger, 'topics'>
  }
  /** Absent: the pair has no link the other way. */
  readonly reverse?: DataLink
  readonly functions: LinkFunctions
  /** For positions of groups, as the function knows them that moves them. */
  readonly survey: GroupSurveyDeps
  readonly clock: Clock
  /** Resolves to whether the time has passed before the deadline. */
  readonly rest: (ms: number, deadline: Deadline) => Promise<boolean>
  /** A deadline so far from now, and never beyond this one. */
  readonly within: (ms: number, deadline: Deadline) => Deadline & { end(): void }
}
