import { Duration, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { accessOrder } from '../../shared/domain/access/access-order.ts'
import { accessSyncName } from '../../shared/domain/link-names.ts'
import { accessSyncRights } from './access-sync-rights.ts'
import { type FollowerProps, ScheduledFunction } from './scheduled-function.ts'

/** The function that lets access rights follow a link, as nobody else's role may: it can grant what it likes. */
export class AccessSync extends ScheduledFunction {
  constructor(scope: Construct, id: string, { topology, ...props }: FollowerProps) {
    const { link } = props
    const { partition, region, account } = Stack.of(scope)
    const order = accessOrder(link, topology)
    super(scope, id, {
      ...props,
      functionName: accessSyncName(link),
      description: `Lets access rights of ${link.source.name} follow to ${link.target.name} (${link.name})`,
      code: 'sync-access',
      every: Duration.minutes(5),
      keeps: `the access rights of ${link.name}`,
      builtIn: { TWINSHORE_ORDER: JSON.stringify(order) },
      rights: accessSyncRights(order, { partition, region, account }),
    })
  }
}
