import { Stack, Tags } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { alarmTopicName, stackName } from '../../shared/domain/link-names.ts'
import { INSTALLATION_TAG, LINK_TAG } from '../../shared/domain/topics/mapping-tags.ts'
import type { Link, Topology } from '../../shared/domain/topology/topology.ts'

export interface LinkStackProps {
  readonly topology: Topology
  readonly link: Link
}

/**
 * One concern of one link in one region. The region is always concrete, so that synthesis asks nobody; the account may
 * be left to the credentials of the deploy. Stacks know each other by names only, never by references.
 */
export abstract class LinkStack extends Stack {
  readonly #alarmTopicArn: string | undefined
  readonly #ownTopicName: string

  constructor(
    scope: Construct,
    concern: 'state' | 'replication' | 'sync' | 'watch' | 'failover',
    region: string,
    { topology, link }: LinkStackProps,
  ) {
    super(scope, `${link.name}-${concern}`, {
      env: { region, ...(topology.account === undefined ? {} : { account: topology.account }) },
      stackName: stackName(link, concern),
      description: `Twinshore: ${concern} of the link ${link.name}`,
      terminationProtection: topology.protect,
    })
    Tags.of(this).add(INSTALLATION_TAG, topology.installation)
    Tags.of(this).add(LINK_TAG, link.name)
    this.#alarmTopicArn = topology.alarmTopics[region]
    this.#ownTopicName = alarmTopicName(link)
  }

  /** Whom the alarms of the link tell here: what the topology names for the region, or else the link's own topic. */
  protected get alarmTopicArn(): string {
    return this.#alarmTopicArn ?? this.formatArn({ service: 'sns', resource: this.#ownTopicName })
  }
}

/** The key of the user's choice in a region, to spread into the properties of a construct. */
export const encryptionKeyIn = ({ encryptionKeys }: Topology, region: string): { encryptionKeyArn?: string } => {
  const encryptionKeyArn = encryptionKeys[region]
  return encryptionKeyArn === undefined ? {} : { encryptionKeyArn }
}
