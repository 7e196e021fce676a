import { Stack } from 'aws-cdk-lib'
import { CfnEventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { eventSourceMapping } from '../../shared/domain/event-source-mapping.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'

export interface TopicSubscriptionProps {
  readonly link: Link
  /** One of the link's topics. */
  readonly topic: string
  readonly replicator: IFunction
}

/** Lambda's poller for one topic of a link. The L2 cannot say IAM for a self-managed source, mTLS for MSK, or `Stream`. */
export class TopicSubscription extends Construct {
  constructor(scope: Construct, id: string, { link, topic, replicator }: TopicSubscriptionProps) {
    super(scope, id)
    const { partition, region, account } = Stack.of(this)
    new CfnEventSourceMapping(this, 'Resource', {
      functionName: replicator.functionArn,
      ...eventSourceMapping(link, topic, { partition, region, account }),
      // whatever a failover made of it since: the next pass over the topics puts that right when a deploy did not
      ...(link.initialMode === 'stopped' && { enabled: false }),
    })
  }
}
