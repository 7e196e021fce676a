import type { Construct } from 'constructs'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { type Link, placementOf } from '../../shared/domain/topology/topology.ts'
import { LagCanary } from '../constructs/lag-canary.ts'
import { LinkStateAccess } from '../constructs/link-state.ts'
import type { FollowerProps } from '../constructs/scheduled-function.ts'
import { Verifier } from '../constructs/verifier.ts'
import { encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

/** What looks at a link and changes nothing of it, where the link is placed: only there are both clusters in reach for sure. */
export class LinkWatchStack extends LinkStack {
  readonly #props: LinkStackProps

  constructor(scope: Construct, props: LinkStackProps) {
    const { topology, link } = props
    const { region } = placementOf(link)
    super(scope, 'watch', region, props)
    this.#props = props
    const choices = { topology, link, protect: topology.protect, ...encryptionKeyIn(topology, region) }
    this.#stateOf(link).grantCheckpoint(new Verifier(this, 'Verifier', choices))
    this.#measureLag(choices)
  }

  #measureLag(choices: FollowerProps): void {
    const { topology, link } = this.#props
    const canary = new LagCanary(this, 'Lag', choices)
    const own = this.#stateOf(link)
    own.grantRead(canary)
    own.grantPut(canary, ['LAG', 'LEASE'])
    if (!link.syncGroups) return
    for (const reverse of groupOrder(link, topology).reverses) this.#stateOf(reverse).grantRead(canary)
  }

  #stateOf(link: Link): LinkStateAccess {
    return new LinkStateAccess(this, { link, ...encryptionKeyIn(this.#props.topology, link.target.region) })
  }
}
