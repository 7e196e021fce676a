import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { PairFailover } from '../../shared/domain/failover/failover-choice.ts'
import type { FailoverInput } from '../../shared/domain/failover/failover-input.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'

export interface DrillScheduleProps {
  readonly link: Link
  readonly failover: PairFailover
  readonly machine: IStateMachine
}

/** Whoever is scheduled asks for nothing but the usual. */
const drill = ({ tail }: PairFailover): FailoverInput => ({
  mode: 'drill',
  reason: 'drill by schedule',
  who: 'schedule',
  limits: {},
  positions: { kind: 'mapped' },
  tail,
  force: false,
})

/** Starts drills, with a role that may start this machine and nothing else. One that cannot be started is missed, not made up for. */
export class DrillSchedule extends Construct {
  constructor(scope: Construct, id: string, { link, failover, machine }: DrillScheduleProps) {
    super(scope, id)
    const { source, target } = link
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
      description: `Starts drills of a failover from ${source.name} to ${target.name} (${link.name})`,
    })
    role.addToPolicy(new PolicyStatement({ actions: ['states:StartExecution'], resources: [machine.stateMachineArn] }))
    const days = failover.drillEveryDays
    new CfnSchedule(this, 'Default', {
      description: `Twinshore: drills of a failover from ${source.name} to ${target.name}`,
      scheduleExpression: `rate(${days} ${days === 1 ? 'day' : 'days'})`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: machine.stateMachineArn,
        roleArn: role.roleArn,
        input: JSON.stringify(drill(failover)),
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3_600 },
      },
    })
  }
}
