import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import { type IGrantable, type IPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import {
  DefinitionBody,
  type IStateMachine,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { PairFailover } from '../../shared/domain/failover/failover-choice.ts'
import { failoverMachineName, failoverName, tableName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { encryptionKey } from './encryption-key.ts'
import { failoverStates } from './failover-states.ts'

export interface FailoverMachineProps {
  readonly link: Link
  readonly failover: PairFailover
  readonly steps: IFunction
  readonly protect: boolean
  /** For the log. @default a key that AWS manages */
  readonly encryptionKeyArn?: string
}

/** The state machine that fails over along a link. Its role may call the function of the steps, and note a good drill. */
export class FailoverMachine extends Construct implements IGrantable {
  readonly machine: IStateMachine
  readonly grantPrincipal: IPrincipal

  constructor(scope: Construct, id: string, props: FailoverMachineProps) {
    super(scope, id)
    const { link, failover, steps } = props
    const states = failoverStates({
      functionName: failoverName(link),
      tableName: tableName(link),
      approvalSeconds: Math.ceil(failover.approval.expiresMs / 1_000),
    })
    const role = this.#createRole(link, steps)
    this.grantPrincipal = role
    this.machine = new StateMachine(this, 'Default', {
      stateMachineName: failoverMachineName(link),
      comment: `Twinshore: fails over from ${link.source.name} to ${link.target.name}`,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(JSON.stringify(states)),
      role,
      // without data: what waits for a person is called with the token by which anybody could answer
      logs: { destination: this.#createLogGroup(props), level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
      removalPolicy: RemovalPolicy.DESTROY,
    })
  }

  #createRole({ source, target, name }: Link, { functionArn }: IFunction): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: `Calls the steps of a failover from ${source.name} to ${target.name} (${name})`,
    })
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }))
    Validations.of(role).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'Neither X-Ray nor the delivery of logs knows narrower resources.',
    })
    return role
  }

  #createLogGroup({ link, protect, encryptionKeyArn }: FailoverMachineProps): LogGroup {
    return new LogGroup(this, 'Logs', {
      // Step Functions writes only where the resource policy of the account has room, which names with this beginning need not
      logGroupName: `/aws/vendedlogs/states/${failoverMachineName(link)}`,
      retention: link.logRetentionDays,
      ...encryptionKey(this, encryptionKeyArn),
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
  }
}
