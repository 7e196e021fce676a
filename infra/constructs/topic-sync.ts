import { Duration, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { topicSyncName } from '../../shared/domain/link-names.ts'
import { syncOrder } from '../../shared/domain/topics/sync-order.ts'
import { type FollowerProps, ScheduledFunction } from './scheduled-function.ts'
import { topicSyncRights } from './topic-sync-rights.ts'

/** The function that keeps topics, settings and mappings of a link in step. */
export class TopicSync extends ScheduledFunction {
  constructor(scope: Construct, id: string, { topology, ...props }: FollowerProps) {
    const { link } = props
    const { partition, region, account } = Stack.of(scope)
    super(scope, id, {
      ...props,
      functionName: topicSyncName(link),
      description: `Keeps the topics of ${link.source.name} and ${link.target.name} in step (${link.name})`,
      code: 'sync-topics',
      every: Duration.minutes(1),
      keeps: `the topics of ${link.name}`,
      builtIn: { TWINSHORE_ORDER: JSON.stringify(syncOrder(link, topology)) },
      rights: topicSyncRights(link, { partition, region, account }),
      wildcardsBecause:
        'Names of topics that come later, and ids of mappings that are made at run time, are not known beforehand.',
    })
  }
}
