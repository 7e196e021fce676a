import type { Construct } from 'constructs'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { type Link, placementOf } from '../../shared/domain/topology/topology.ts'
import { FailoverSafety } from '../constructs/failover-safety.ts'
import { Heartbeat } from '../constructs/heartbeat.ts'
import { heartbeatWatches } from '../constructs/heartbeat-watches.ts'
import { LagCanary } from '../constructs/lag-canary.ts'
import { lagWatches } from '../constructs/lag-watches.ts'
import { LinkAlarms } from '../constructs/link-alarms.ts'
import { LinkDashboard } from '../constructs/link-dashboard.ts'
import { LinkStateAccess } from '../constructs/link-state.ts'
import type { FollowerProps } from '../constructs/scheduled-function.ts'
import { Verifier } from '../constructs/verifier.ts'
import { verifyWatches } from '../constructs/verify-watches.ts'
import type { Watch } from '../constructs/watch.ts'
import { encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

/** What looks at a link and beats for it, where the link is placed: only there are both clusters in reach for sure. */
export class LinkWatchStack extends LinkStack {
  readonly #props: LinkStackProps
  readonly #alarms: LinkAlarms

  constructor(scope: Construct, props: LinkStackProps) {
    const { topology, link } = props
    const { region } = placementOf(link)
    super(scope, 'watch', region, props)
    this.#props = props
    const choices = { topology, link, protect: topology.protect, ...encryptionKeyIn(topology, region) }
    const watches = [
      ...this.#verify(choices),
      ...this.#measureLag(choices),
      ...(link.heartbeats ? this.#beat(choices) : []),
    ]
    this.#alarms = new LinkAlarms(this, 'Alarms', { link, watches, alarmTopicArn: this.alarmTopicArn })
  }

  /** What all alarms of the link say together, those of other stacks by their names: on a dashboard, and for a pair as one alarm. */
  sumUp(elsewhere: readonly LinkAlarms[]): void {
    const { topology, link } = this.#props
    const all = [...elsewhere, this.#alarms]
    const alarms = all.flatMap(({ names }) => names)
    if (topology.pairs.some((pair) => pair.links.includes(link))) {
      const unsafe = all.flatMap((some) => some.unsafe)
      const safety = new FailoverSafety(this, 'FailoverSafety', { link, unsafe, alarmTopicArn: this.alarmTopicArn })
      alarms.unshift(safety.alarmName)
    }
    new LinkDashboard(this, 'Dashboard', { link, alarms })
  }

  #verify(choices: FollowerProps): readonly Watch[] {
    const { link } = this.#props
    const verifier = new Verifier(this, 'Verifier', choices)
    this.#stateOf(link).grantCheckpoint(verifier)
    return verifyWatches(link, verifier.function)
  }

  #measureLag(choices: FollowerProps): readonly Watch[] {
    const { topology, link } = this.#props
    const canary = new LagCanary(this, 'Lag', choices)
    const own = this.#stateOf(link)
    own.grantRead(canary)
    own.grantPut(canary, ['LAG', 'LEASE'])
    const reverses = link.syncGroups ? groupOrder(link, topology).reverses : []
    for (const reverse of reverses) this.#stateOf(reverse).grantRead(canary)
    return lagWatches(link, canary.function)
  }

  #beat(choices: FollowerProps): readonly Watch[] {
    const heartbeat = new Heartbeat(this, 'Heartbeat', choices)
    const own = this.#stateOf(choices.link)
    own.grantRead(heartbeat, ['LINK', 'HEARTBEAT'])
    own.grantPut(heartbeat, ['HEARTBEAT', 'LEASE'])
    return heartbeatWatches(choices.link)
  }

  #stateOf(link: Link): LinkStateAccess {
    return new LinkStateAccess(this, { link, ...encryptionKeyIn(this.#props.topology, link.target.region) })
  }
}
