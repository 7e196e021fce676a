import type { Construct } from 'constructs'
import { placementOf } from '../../shared/domain/topology/topology.ts'
import { LinkStateAccess } from '../constructs/link-state.ts'
import { Verifier } from '../constructs/verifier.ts'
import { encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

/** What looks at a link and changes nothing of it, where the link is placed: only there are both clusters in reach for sure. */
export class LinkWatchStack extends LinkStack {
  constructor(scope: Construct, props: LinkStackProps) {
    const { topology, link } = props
    const { region } = placementOf(link)
    super(scope, 'watch', region, props)
    const verifier = new Verifier(this, 'Verifier', {
      topology,
      link,
      protect: topology.protect,
      ...encryptionKeyIn(topology, region),
    })
    new LinkStateAccess(this, { link, ...encryptionKeyIn(topology, link.target.region) }).grantCheckpoint(verifier)
  }
}
