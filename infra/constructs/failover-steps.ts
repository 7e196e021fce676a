import { Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { failoverOrder } from '../../shared/domain/failover/failover-order.ts'
import { failoverName } from '../../shared/domain/link-names.ts'
import { STEP_TIMEOUT_SECONDS } from './failover-patience.ts'
import { stepRights } from './failover-step-rights.ts'
import { LinkFunction } from './link-function.ts'
import type { FollowerProps } from './scheduled-function.ts'

/** Thousands of partitions of both clusters, and the positions of their groups. */
const MEMORY_MIB = 1_024

/** The function of the steps of a failover; nobody but the state machine calls it. */
export class FailoverSteps extends LinkFunction {
  constructor(scope: Construct, id: string, { topology, ...props }: FollowerProps) {
    const { link } = props
    const { partition, region, account } = Stack.of(scope)
    const order = failoverOrder(link, topology)
    super(scope, id, {
      ...props,
      functionName: failoverName(link),
      description: `Takes the steps of a failover from ${link.source.name} to ${link.target.name} (${link.name})`,
      code: 'failover',
      memoryMiB: MEMORY_MIB,
      timeoutMs: STEP_TIMEOUT_SECONDS * 1_000,
      bringsAgain: false, // the state machine waits for the answer, and decides
      environment: {},
      builtIn: { TWINSHORE_ORDER: JSON.stringify(order) },
      rights: stepRights(order, { partition, region, account }),
      wildcardsBecause:
        'Names of groups, of topics that come later and of executions are not known beforehand, nor are ids of mappings.',
    })
  }
}
