import type { Construct } from 'constructs'
import type { PairFailover } from '../../shared/domain/failover/failover-choice.ts'
import { failoverOrder } from '../../shared/domain/failover/failover-order.ts'
import { failoverBucketName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { DrillSchedule } from '../constructs/drill-schedule.ts'
import { FailoverFence } from '../constructs/failover-fence.ts'
import { FailoverMachine } from '../constructs/failover-machine.ts'
import { FailoverSteps } from '../constructs/failover-steps.ts'
import { failoverWatches } from '../constructs/failover-watches.ts'
import { KeptBucket } from '../constructs/kept-bucket.ts'
import { LinkAlarms } from '../constructs/link-alarms.ts'
import { LinkStateAccess } from '../constructs/link-state.ts'
import { encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

export interface FailoverStackProps extends LinkStackProps {
  /** The name of the link's pair. */
  readonly pair: string
  readonly failover: PairFailover
}

/** What passes remember, none of which a failover makes; the steps alone remember where they have put groups. */
const OF_OTHERS = ['TOPICS', 'ACCESS', 'HELD', 'LAG', 'HEARTBEAT', 'VERIFY'] as const

/** What fails over along a link: all of it in the region of its target, which is what is left when the source is lost. */
export class FailoverStack extends LinkStack {
  readonly alarms: LinkAlarms
  readonly #props: FailoverStackProps

  constructor(scope: Construct, props: FailoverStackProps) {
    const { topology, link, pair, failover } = props
    const { region } = link.target
    super(scope, 'failover', region, props)
    this.#props = props
    const kept = { link, protect: topology.protect, ...encryptionKeyIn(topology, region) }
    const bucketName = failoverBucketName(link, this.account)
    new KeptBucket(this, 'Bucket', { bucketName, writers: 'Two functions write it', ...kept })
    const steps = new FailoverSteps(this, 'Steps', { topology, ...kept })
    const fence = new FailoverFence(this, 'Fence', { topology, ...kept })
    const made = new FailoverMachine(this, 'Machine', { ...kept, failover, steps: steps.function })
    const { machine } = made
    new LinkStateAccess(this, kept).grantUpdate(made, ['DRILL'])
    new DrillSchedule(this, 'Drills', { link, failover, machine })
    for (const state of this.#states()) {
      state.grantFailover(steps, ['LEASE', 'DRILL', 'FENCES', 'TAILS', ...OF_OTHERS])
      state.grantFailover(fence, failover.mayScrape ? OF_OTHERS : ['GROUPS', ...OF_OTHERS])
    }
    const watches = failoverWatches({ link, pair, failover, machine, fence: fence.function })
    this.alarms = new LinkAlarms(this, 'Alarms', { link, watches, alarmTopicArn: this.alarmTopicArn })
  }

  /** The tables of both directions: roles, locks, and how far the link back begins. */
  #states(): readonly LinkStateAccess[] {
    const { topology, link } = this.#props
    const { reverse } = failoverOrder(link, topology)
    const links: readonly Link[] = [link, ...(reverse === undefined ? [] : [reverse.order.link])]
    return links.map((one) => new LinkStateAccess(this, { link: one, ...encryptionKeyIn(topology, one.target.region) }))
  }
}
