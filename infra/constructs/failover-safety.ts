import { AlarmRule, CompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { alarmName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'

export interface FailoverSafetyProps {
  readonly link: Link
  /** The names of the alarms of which none may be on. They are in the same region, whatever their stack. */
  readonly unsafe: readonly string[]
  readonly alarmTopicArn: string
}

/** One alarm that answers whether the target of a link could take over from its source now. */
export class FailoverSafety extends Construct {
  readonly alarmName: string

  constructor(scope: Construct, id: string, { link, unsafe, alarmTopicArn }: FailoverSafetyProps) {
    super(scope, id)
    const { source, target } = link
    this.alarmName = alarmName(link, 'unsafe')
    const alarm = new CompositeAlarm(this, 'Alarm', {
      compositeAlarmName: this.alarmName,
      alarmDescription: [
        `Link ${link.name}, ${source.name} to ${target.name}: It is not safe to fail over to ${target.name}.`,
        'Records could be lost, or groups and clients would not find there what they need.',
        'Look which alarms of the link are on, and do what they say; a failover that cannot wait begins with what they tell.',
      ].join(' '),
      alarmRule: AlarmRule.fromString(unsafe.map((name) => `ALARM("${name}")`).join(' OR ')),
    })
    alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, 'Topic', alarmTopicArn)))
  }
}
