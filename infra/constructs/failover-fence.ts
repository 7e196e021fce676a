import { Duration, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { failoverOrder } from '../../shared/domain/failover/failover-order.ts'
import { fenceName } from '../../shared/domain/link-names.ts'
import { fenceRights } from './failover-fence-rights.ts'
import { type FollowerProps, ScheduledFunction } from './scheduled-function.ts'

/**
 * The function that keeps applications from writing, with rights that nothing else has. Those who call it are the function of
 * the steps and its own schedule, which settles what an unplanned failover could not do on a cluster that was gone.
 */
export class FailoverFence extends ScheduledFunction {
  constructor(scope: Construct, id: string, { topology, ...props }: FollowerProps) {
    const { link } = props
    const { partition, region, account } = Stack.of(scope)
    const order = failoverOrder(link, topology)
    super(scope, id, {
      ...props,
      functionName: fenceName(link),
      description: `Fences ${link.source.name} for a failover to ${link.target.name} (${link.name})`,
      code: 'fence',
      every: Duration.minutes(1),
      keeps: `what failovers along ${link.name} owe`,
      builtIn: { TWINSHORE_ORDER: JSON.stringify(order) },
      rights: fenceRights(order, { partition, region, account }),
      wildcardsBecause:
        'Topics that come later, or were named once, are not known beforehand, nor are groups and ids of mappings.',
    })
  }
}
