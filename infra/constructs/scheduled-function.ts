import type { Duration } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import { PASS_TIMEOUT_MS } from '../../shared/domain/pass-timeout.ts'
import type { Topology } from '../../shared/domain/topology/topology.ts'
import { LinkFunction, type LinkFunctionProps } from './link-function.ts'

export type ScheduledFunctionProps = ScheduleProps & ScheduledLinkFunctionProps

interface ScheduleProps {
  /** Whole minutes. */
  readonly every: Duration
  /** What follows by it, as in "the topics of west-east". */
  readonly keeps: string
  /** @default what a pass over many topics or groups takes */
  readonly memoryMiB?: number
  /** @default it ends before the next pass begins */
  readonly timeoutMs?: number
}

type ScheduledLinkFunctionProps = Omit<LinkFunctionProps, 'memoryMiB' | 'timeoutMs' | 'environment' | 'bringsAgain'>

/** What a function that lets something follow its source is made of. */
export interface FollowerProps extends Pick<LinkFunctionProps, 'link' | 'protect' | 'encryptionKeyArn'> {
  /** Of the link. */
  readonly topology: Topology
}

/** A thousand topics with their settings fit into half of it, and so do ten thousand positions of groups. */
const MEMORY_MIB = 512

/** A function of a link that makes a pass every so often, and its schedule. A pass does what an earlier one could not. */
export class ScheduledFunction extends LinkFunction {
  constructor(scope: Construct, id: string, { every, keeps, ...props }: ScheduledFunctionProps) {
    super(scope, id, {
      memoryMiB: MEMORY_MIB,
      timeoutMs: PASS_TIMEOUT_MS, // Lambda paces new mappings: a first pass over many topics takes several turns
      ...props,
      environment: {},
      bringsAgain: false, // the next pass does what this one did not
    })
    new FunctionSchedule(this, 'Schedule', this.function, { every, keeps })
  }
}

/** Invokes a function, with a role that may do nothing else; the L2 would allow all of its versions as well. */
class FunctionSchedule extends Construct {
  constructor(scope: Construct, id: string, { functionArn }: IFunction, { every, keeps }: ScheduleProps) {
    super(scope, id)
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
      description: `Starts what keeps ${keeps} in step`,
    })
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }))
    const minutes = every.toMinutes()
    new CfnSchedule(this, 'Default', {
      description: `Twinshore: ${keeps}`,
      scheduleExpression: `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: functionArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    })
  }
}
