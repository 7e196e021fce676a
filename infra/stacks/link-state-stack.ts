import type { Construct } from 'constructs'
import { LinkState } from '../constructs/link-state.ts'
import { QuarantineBucket } from '../constructs/quarantine-bucket.ts'
import { encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

/** What a link remembers, in the target's region, where a failover needs it. */
export class LinkStateStack extends LinkStack {
  constructor(scope: Construct, props: LinkStackProps) {
    const { topology, link } = props
    const { region } = link.target
    super(scope, 'state', region, props)
    const choices = { link, protect: topology.protect, ...encryptionKeyIn(topology, region) }
    new LinkState(this, 'State', choices)
    if (link.onPoison === 'quarantine') new QuarantineBucket(this, 'Quarantine', choices)
  }
}
