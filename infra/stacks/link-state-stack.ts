import type { Construct } from 'constructs'
import { quarantineBucketName } from '../../shared/domain/link-names.ts'
import { KeptBucket } from '../constructs/kept-bucket.ts'
import { LinkState } from '../constructs/link-state.ts'
import { encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

/** What a link remembers, in the target's region, where a failover needs it. */
export class LinkStateStack extends LinkStack {
  constructor(scope: Construct, props: LinkStackProps) {
    const { topology, link } = props
    const { region } = link.target
    super(scope, 'state', region, props)
    const kept = { protect: topology.protect, ...encryptionKeyIn(topology, region) }
    new LinkState(this, 'State', { link, ...kept })
    if (link.onPoison === 'quarantine') {
      const bucketName = quarantineBucketName(link, this.account)
      new KeptBucket(this, 'Quarantine', { bucketName, writers: 'One function writes it', ...kept })
    }
  }
}
