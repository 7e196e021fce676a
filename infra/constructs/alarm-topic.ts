import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { alarmTopicName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { encryptionKey } from './encryption-key.ts'

export interface AlarmTopicProps {
  readonly link: Link
  /** Its policy has to let CloudWatch use it. @default a key of its own, since no key that AWS manages does */
  readonly encryptionKeyArn?: string
}

const CLOUDWATCH = new ServicePrincipal('cloudwatch.amazonaws.com')

/** Whom the alarms of a link tell; people subscribe to it. */
export class AlarmTopic extends Construct {
  constructor(scope: Construct, id: string, { link, encryptionKeyArn }: AlarmTopicProps) {
    super(scope, id)
    const { encryptionKey: masterKey = this.#createKey(link) } = encryptionKey(this, encryptionKeyArn)
    const topic = new Topic(this, 'Topic', {
      topicName: alarmTopicName(link),
      displayName: `Twinshore ${link.name}`,
      masterKey,
      enforceSSL: true,
    })
    const { account } = Stack.of(this)
    // A policy takes the place of the one that lets everything in the account publish, CloudWatch included.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [CLOUDWATCH],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    )
  }

  /** Messages are kept until they are delivered, and no longer: the key may go with its topic. */
  #createKey({ name }: Link): IKey {
    const key = new Key(this, 'Key', {
      description: `Twinshore: what alarms of ${name} tell`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    key.grant(CLOUDWATCH, 'kms:Decrypt', 'kms:GenerateDataKey*')
    return key
  }
}
