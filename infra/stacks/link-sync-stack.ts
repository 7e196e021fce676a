import type { Construct } from 'constructs'
import { placementOf } from '../../shared/domain/topology/topology.ts'
import { LinkAlarms } from '../constructs/link-alarms.ts'
import { LinkStateAccess } from '../constructs/link-state.ts'
import { TopicSync } from '../constructs/topic-sync.ts'
import { topicWatches } from '../constructs/topic-watches.ts'
import { alarmTopicIn, encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

/** What follows the source by itself, on a schedule, where the link is placed: only there are both clusters in reach for sure. */
export class LinkSyncStack extends LinkStack {
  constructor(scope: Construct, props: LinkStackProps) {
    const { topology, link } = props
    const { region } = placementOf(link)
    super(scope, 'sync', region, props)
    const sync = new TopicSync(this, 'Topics', {
      topology,
      link,
      protect: topology.protect,
      ...encryptionKeyIn(topology, region),
    })
    new LinkStateAccess(this, { link, ...encryptionKeyIn(topology, link.target.region) }).grantCheckpoint(sync)
    const watches = topicWatches(link, sync.function)
    new LinkAlarms(this, 'Alarms', { link, watches, ...alarmTopicIn(topology, region) })
  }
}
