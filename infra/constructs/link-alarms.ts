import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { alarmName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import type { Watch } from './watch.ts'

export interface LinkAlarmsProps {
  readonly link: Link
  readonly watches: readonly Watch[]
  /** An SNS topic that every alarm tells. @default nobody is told */
  readonly alarmTopicArn?: string
}

/** A link tells through these that it needs an operator. A metric that is missing is a link without work, not a failure. */
export class LinkAlarms extends Construct {
  constructor(scope: Construct, id: string, { link, watches, alarmTopicArn }: LinkAlarmsProps) {
    super(scope, id)
    const topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', alarmTopicArn)
    for (const { id: alarmId, metric, threshold, wrong, means, remedy } of watches) {
      const alarm = new Alarm(this, alarmId, {
        alarmName: alarmName(link, alarmId),
        alarmDescription: `Link ${link.name}, ${link.source.name} to ${link.target.name}: ${wrong} ${means} ${remedy}`,
        metric,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      })
      if (topic !== undefined) alarm.addAlarmAction(new SnsAction(topic))
    }
  }
}
