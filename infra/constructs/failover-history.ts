import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
import { type IMetric, type IWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { failoverMachineName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { counted, graph } from './dashboard-widgets.ts'

/** What Step Functions counts of the executions of a machine, drills among them. */
const ENDS = [
  ['ExecutionsSucceeded', 'ended'],
  ['ExecutionsFailed', 'failed'],
  ['ExecutionsAborted', 'stopped by somebody'],
] as const

/** When a pair failed over or rehearsed it, how that ended, and what it still owes. */
export const failoverHistory = (scope: Construct, links: readonly Link[]): readonly IWidget[] => [
  graph('Failovers and drills', {
    left: links.flatMap((link) => executions(scope, link, links.length > 1 ? `${link.name}: ` : '')),
    right: counted(links, [['DrillAgeDays', Stats.MAXIMUM, 'days since the last good drill (right)']]),
    width: 12,
  }),
  graph('What failovers wait for', {
    left: counted(links, [
      ['ApprovalPending', Stats.MAXIMUM, 'approval'],
      ['FailoverHeld', Stats.MAXIMUM, 'an operator'],
      ['FencePending', Stats.MAXIMUM, 'the old active cluster, to fence it'],
    ]),
    right: counted(links, [['StrandedRecords', Stats.MAXIMUM, 'records that are stranded there (right)']]),
    width: 12,
  }),
]

const executions = (scope: Construct, link: Link, prefix: string): readonly IMetric[] => {
  const resourceName = failoverMachineName(link)
  const arn = Stack.of(scope).formatArn({
    ...{ service: 'states', resource: 'stateMachine', resourceName },
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })
  return ENDS.map(
    ([metricName, label]) =>
      new Metric({
        namespace: 'AWS/States',
        metricName,
        dimensionsMap: { StateMachineArn: arn },
        statistic: Stats.SUM,
        period: Duration.minutes(1),
        label: `${prefix}${label}`,
      }),
  )
}
