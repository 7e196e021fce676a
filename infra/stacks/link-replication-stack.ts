import type { Construct } from 'constructs'
import { placementOf } from '../../shared/domain/topology/topology.ts'
import { AlarmTopic } from '../constructs/alarm-topic.ts'
import { LinkAlarms } from '../constructs/link-alarms.ts'
import { LinkStateAccess } from '../constructs/link-state.ts'
import { MappingRemover } from '../constructs/mapping-remover.ts'
import { QuarantineAccess } from '../constructs/quarantine-access.ts'
import { replicationWatches } from '../constructs/replication-watches.ts'
import { Replicator } from '../constructs/replicator.ts'
import { TopicSubscription } from '../constructs/topic-subscription.ts'
import { encryptionKeyIn, LinkStack, type LinkStackProps } from './link-stack.ts'

/** The function of a link, its pollers and its alarms, where the link is placed. */
export class LinkReplicationStack extends LinkStack {
  readonly alarms: LinkAlarms

  constructor(scope: Construct, props: LinkStackProps) {
    const { topology, link } = props
    const { region } = placementOf(link)
    super(scope, 'replication', region, props)
    const replicator = new Replicator(this, 'Replicator', {
      link,
      protect: topology.protect,
      ...encryptionKeyIn(topology, region),
    })
    this.#grantState(props, replicator)
    const remover = new MappingRemover(this, 'MappingRemover', {
      link,
      replicator: replicator.function,
      protect: topology.protect,
      ...encryptionKeyIn(topology, region),
    })
    for (const topic of link.topics) {
      const mapping = new TopicSubscription(this, `Topic ${topic}`, { link, topic, replicator: replicator.function })
      mapping.node.addDependency(remover.madeWay)
    }
    const watches = replicationWatches(link, replicator.function)
    if (topology.alarmTopics[region] === undefined)
      new AlarmTopic(this, 'AlarmTopic', { link, ...encryptionKeyIn(topology, region) })
    this.alarms = new LinkAlarms(this, 'Alarms', { link, watches, alarmTopicArn: this.alarmTopicArn })
  }

  #grantState({ topology, link }: LinkStackProps, replicator: Replicator): void {
    const choices = { link, ...encryptionKeyIn(topology, link.target.region) }
    new LinkStateAccess(this, choices).grantCheckpoint(replicator)
    if (link.onPoison === 'quarantine') new QuarantineAccess(this, choices).grantKeep(replicator)
  }
}
