import { Stack, Tags } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { stackName } from '../../shared/domain/link-names.ts'
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
  constructor(
    scope: Construct,
    concern: 'state' | 'replication' | 'sync' | 'watch',
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
  }
}

/** The key of the user's choice in a region, to spread into the properties of a construct. */
export const encryptionKeyIn = ({ encryptionKeys }: Topology, region: string): { encryptionKeyArn?: string } => {
  const encryptionKeyArn = encryptionKeys[region]
  return encryptionKeyArn === undefined ? {} : { encryptionKeyArn }
}

/** Whom the alarms of a region tell, to spread likewise. */
export const alarmTopicIn = ({ alarmTopics }: Topology, region: string): { alarmTopicArn?: string } => {
  const alarmTopicArn = alarmTopics[region]
  return alarmTopicArn === undefined ? {} : { alarmTopicArn }
}
