import type { Construct } from 'constructs'
import { accessOrder } from '../../shared/domain/access/access-order.ts'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { type Followed, followedOf } from '../../shared/domain/topology/followed.ts'
import { type Link, placementOf } from '../../shared/domain/topology/topology.ts'
import { AccessSync } from '../constructs/access-sync.ts'
import { accessWatches } from '../constructs/access-watches.ts'
import { GroupSync } from '../constructs/group-sync.ts'
import { groupWatches } from '../constructs/group-watches.ts'
import { LinkAlarms } from '../constructs/link-alarms.ts'
import { LinkStateAccess } from '../constructs/link-state.ts'
import { TopicSync } from '../constructs/topic-sync.ts'
import { topicWatches } from '../constructs/topic-watches.ts'
import type { Watch } from '../constructs/watch.ts'
import { encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

/** What follows the source by itself, on a schedule, where the link is placed: only there are both clusters in reach for sure. */
export class LinkSyncStack extends LinkStack {
  readonly alarms: LinkAlarms
  readonly #props: LinkStackProps

  constructor(scope: Construct, props: LinkStackProps) {
    const { link } = props
    super(scope, 'sync', placementOf(link).region, props)
    this.#props = props
    const follow: Readonly<Record<Followed, () => readonly Watch[]>> = {
      topics: () => this.#followTopics(),
      groups: () => this.#followGroups(),
      access: () => this.#followAccess(),
    }
    const watches = followedOf(link).flatMap((what) => follow[what]())
    this.alarms = new LinkAlarms(this, 'Alarms', { link, watches, alarmTopicArn: this.alarmTopicArn })
  }

  #followTopics(): readonly Watch[] {
    const { link } = this.#props
    const sync = new TopicSync(this, 'Topics', this.#choices())
    this.#stateOf(link).grantCheckpoint(sync)
    return topicWatches(link, sync.function)
  }

  #followGroups(): readonly Watch[] {
    const { topology, link } = this.#props
    const sync = new GroupSync(this, 'Groups', this.#choices())
    const own = this.#stateOf(link)
    own.grantRead(sync)
    own.grantPut(sync, ['GROUPS'])
    for (const reverse of groupOrder(link, topology).reverses) this.#stateOf(reverse).grantRead(sync)
    return groupWatches(link, sync.function)
  }

  #followAccess(): readonly Watch[] {
    const { topology, link } = this.#props
    const sync = new AccessSync(this, 'Access', this.#choices())
    const own = this.#stateOf(link)
    own.grantRead(sync, ['LINK', 'TOPICS', 'ACCESS', 'FENCES', 'HELD'])
    own.grantPut(sync, ['ACCESS', 'HELD'])
    own.grantRemove(sync, ['ACCESS', 'HELD'])
    const returning = new Set(accessOrder(link, topology).returning.map(({ link: name }) => name))
    for (const other of topology.links) if (returning.has(other.name)) this.#stateOf(other).grantRead(sync, ['ACCESS'])
    return accessWatches(link, sync.function)
  }

  #choices() {
    const { topology, link } = this.#props
    return { topology, link, protect: topology.protect, ...encryptionKeyIn(topology, placementOf(link).region) }
  }

  #stateOf(link: Link): LinkStateAccess {
    return new LinkStateAccess(this, { link, ...encryptionKeyIn(this.#props.topology, link.target.region) })
  }
}
