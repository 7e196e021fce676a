import { Duration, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { measureLagName } from '../../shared/domain/link-names.ts'
import { lagCanaryRights } from './lag-canary-rights.ts'
import { type FollowerProps, ScheduledFunction } from './scheduled-function.ts'

/**
 * Half of it would hold what it remembers; but with half of the CPU, which comes with memory, a look at thirty thousand positions
 * of groups no longer ends within its sample.
 */
const MEMORY_MIB = 512

/** The function that measures how far a link is behind: samples every ten seconds, of which each invocation takes a minute's. */
export class LagCanary extends ScheduledFunction {
  constructor(scope: Construct, id: string, { topology, ...props }: FollowerProps) {
    const { link } = props
    const { partition, region, account } = Stack.of(scope)
    super(scope, id, {
      ...props,
      functionName: measureLagName(link),
      description: `Measures how far ${link.target.name} is behind ${link.source.name} (${link.name})`,
      code: 'measure-lag',
      every: Duration.minutes(1),
      memoryMiB: MEMORY_MIB,
      keeps: `the lag of ${link.name}`,
      builtIn: { TWINSHORE_ORDER: JSON.stringify(groupOrder(link, topology)) },
      rights: lagCanaryRights(link, { partition, region, account }),
      wildcardsBecause:
        'Names of groups and of topics that come later are not known beforehand, and racks hold replicas of all topics.',
    })
  }
}
