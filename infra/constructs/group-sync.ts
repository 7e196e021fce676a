import { Duration, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { groupSyncName } from '../../shared/domain/link-names.ts'
import { groupSyncRights } from './group-sync-rights.ts'
import { type FollowerProps, ScheduledFunction } from './scheduled-function.ts'

/** The function that moves the positions of consumer groups along a link. */
export class GroupSync extends ScheduledFunction {
  constructor(scope: Construct, id: string, { topology, ...props }: FollowerProps) {
    const { link } = props
    const { partition, region, account } = Stack.of(scope)
    const order = groupOrder(link, topology)
    super(scope, id, {
      ...props,
      functionName: groupSyncName(link),
      description: `Moves consumer groups of ${link.source.name} to ${link.target.name} (${link.name})`,
      code: 'sync-groups',
      every: Duration.minutes(1),
      keeps: `the consumer groups of ${link.name}`,
      builtIn: { TWINSHORE_ORDER: JSON.stringify(order) },
      rights: groupSyncRights(order, { partition, region, account }),
      wildcardsBecause: 'Names of groups and of topics that come later are not known beforehand.',
    })
  }
}
