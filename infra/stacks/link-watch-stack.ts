import type { Construct } from 'constructs'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { type Link, placementOf } from '../../shared/domain/topology/topology.ts'
import { FailoverSafety } from '../constructs/failover-safety.ts'
import { Heartbeat } from '../constructs/heartbeat.ts'
import { heartbeatWatches } from '../constructs/heartbeat-watches.ts'
import { LagCanary } from '../constructs/lag-canary.ts'
import { lagWatches } from '../constructs/lag-watches.ts'
import { LinkAlarms } from '../constructs/link-alarms.ts'
import { LinkStateAccess } from '../constructs/link-state.ts'
import { type LinkOnDashboard, PairDashboard } from '../constructs/pair-dashboard.ts'
import type { FollowerProps } from '../constructs/scheduled-function.ts'
import { Verifier } from '../constructs/verifier.ts'
import { verifyWatches } from '../constructs/verify-watches.ts'
import type { Watch } from '../constructs/watch.ts'
import { encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

export interface LinkWatchStackProps extends LinkStackProps {
  /** The alarms of the link in other stacks of the same region. */
  readonly elsewhere: readonly LinkAlarms[]
}

/** What looks at a link and beats for it, where the link is placed: only there are both clusters in reach for sure. */
export class LinkWatchStack extends LinkStack {
  /** The link as a dashboard shows it. */
  readonly shown: LinkOnDashboard
  readonly #props: LinkStackProps

  constructor(scope: Construct, props: LinkWatchStackProps) {
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
    const alarms = new LinkAlarms(this, 'Alarms', { link, watches, alarmTopicArn: this.alarmTopicArn })
    this.shown = this.#sumUp([...props.elsewhere, alarms])
  }

  /** Of this link and of others that are placed in the same region. */
  addDashboard(dashboardName: string, links: readonly LinkOnDashboard[]): void {
    const { runbook } = this.#props.topology
    new PairDashboard(this, 'Dashboard', { dashboardName, links, ...(runbook === undefined ? {} : { runbook }) })
  }

  /** What all alarms of the link say together, those of other stacks by their names. Nobody fails over by a link in no pair. */
  #sumUp(all: readonly LinkAlarms[]): LinkOnDashboard {
    const { topology, link } = this.#props
    const alarms = all.flatMap(({ names }) => names)
    const pair = topology.pairs.find(({ links }) => links.includes(link))
    const failsOver = pair?.failover !== undefined
    if (pair === undefined) return { link, alarms, failsOver }
    const unsafe = all.flatMap((some) => some.unsafe)
    const props = { link, unsafe, alarmTopicArn: this.alarmTopicArn }
    return { link, alarms, failsOver, safety: new FailoverSafety(this, 'FailoverSafety', props).alarmName }
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
