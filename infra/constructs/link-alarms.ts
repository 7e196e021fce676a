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
  /** The SNS topic that every alarm tells. */
  readonly alarmTopicArn: string
}

const COMPARISONS: Readonly<Record<NonNullable<Watch['firesWhen']>, ComparisonOperator>> = {
  reached: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  below: ComparisonOperator.LESS_THAN_THRESHOLD,
}

const MISSING: Readonly<Record<NonNullable<Watch['missing']>, TreatMissingData>> = {
  good: TreatMissingData.NOT_BREACHING,
  bad: TreatMissingData.BREACHING,
}

/** A link tells through these that it needs an operator. */
export class LinkAlarms extends Construct {
  /** The names of all. */
  readonly names: readonly string[]
  /** Of those while which nobody should fail over. */
  readonly unsafe: readonly string[]

  constructor(scope: Construct, id: string, { link, watches, alarmTopicArn }: LinkAlarmsProps) {
    super(scope, id)
    const told = new SnsAction(Topic.fromTopicArn(this, 'Topic', alarmTopicArn))
    for (const watch of watches) this.#createAlarm(link, watch).addAlarmAction(told)
    this.names = watches.map((watch) => alarmName(link, watch.id))
    this.unsafe = watches.filter(({ unsafe = false }) => unsafe).map((watch) => alarmName(link, watch.id))
  }

  #createAlarm(link: Link, { id, metric, threshold, wrong, means, remedy, ...choices }: Watch): Alarm {
    const { firesWhen = 'reached', periods = { bad: 1, of: 1 }, missing = 'good' } = choices
    return new Alarm(this, id, {
      alarmName: alarmName(link, id),
      alarmDescription: `Link ${link.name}, ${link.source.name} to ${link.target.name}: ${wrong} ${means} ${remedy}`,
      metric,
      threshold,
      evaluationPeriods: periods.of,
      datapointsToAlarm: periods.bad,
      comparisonOperator: COMPARISONS[firesWhen],
      treatMissingData: MISSING[missing],
    })
  }
}
