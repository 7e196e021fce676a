import { CustomResource, Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct, type IDependable } from 'constructs'
import { removeMappingsEnvironment } from '../../shared/config/remove-mappings-config.ts'
import { mappingRemoverName, replicatorName } from '../../shared/domain/link-names.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { encryptionKey } from './encryption-key.ts'
import { functionCode } from './function-code.ts'

export interface MappingRemoverProps {
  readonly link: Link
  /** The function that the mappings invoke. */
  readonly replicator: IFunction
  /** Whether the logs outlive the stack. */
  readonly protect: boolean
  /** For the logs. @default a key that AWS manages */
  readonly encryptionKeyArn?: string
}

/** Lambda takes seconds to minutes for a mapping, and its quota spreads a thousand of them over five. */
const TIMEOUT = Duration.minutes(15)

/**
 * Takes mappings away that no stack made: all that were made at run time when the stack goes, and the one of a topic
 * when the topology comes to name that topic, since two mappings cannot have the same consumer group.
 *
 * Whatever makes mappings at run time has to depend on `madeWay`, so that it goes first.
 */
export class MappingRemover extends Construct {
  readonly madeWay: IDependable

  constructor(scope: Construct, id: string, { link, replicator, ...logs }: MappingRemoverProps) {
    super(scope, id)
    const role = this.#createRole(link)
    const logGroup = this.#createLogGroup(link, logs)
    logGroup.grantWrite(role)
    const remover = new NodejsFunction(this, 'Function', {
      ...functionCode('remove-mappings'),
      functionName: mappingRemoverName(link),
      description: `Twinshore: removes the mappings of ${link.name} that were made at run time`,
      memorySize: 256,
      timeout: TIMEOUT,
      environment: { ...removeMappingsEnvironment(link), NODE_OPTIONS: '--enable-source-maps' },
      role,
      logGroup,
    })
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::TwinshoreRunTimeMappings',
      serviceToken: remover.functionArn,
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      properties: { topics: [...link.topics] },
    })
    // what it needs to clear up has to be there still when the stack goes
    resource.node.addDependency(role, logGroup, replicator)
    this.madeWay = resource
  }

  #createRole(link: Link): Role {
    const { partition, region, account } = Stack.of(this)
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Removes the mappings of ${link.name} that were made at run time`,
    })
    const ofLink = { ArnEquals: { 'lambda:FunctionArn': this.#functionArn(replicatorName(link)) } }
    const mappings = [`arn:${partition}:lambda:${region}:${account}:event-source-mapping:*`]
    const change = ['lambda:DeleteEventSourceMapping', 'lambda:GetEventSourceMapping']
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:ListEventSourceMappings'], resources: ['*'] }))
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:ListTags'], resources: mappings }))
    role.addToPolicy(new PolicyStatement({ actions: change, resources: mappings, conditions: ofLink }))
    this.#acknowledgeWildcards(role)
    return role
  }

  #acknowledgeWildcards(role: Role): void {
    Validations.of(role).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'Lambda knows no narrower resource for listing event source mappings.',
    })
    const { region, account } = Stack.of(this)
    const inAccount = Token.isUnresolved(account) ? '<AWS::AccountId>' : account
    const all = `arn:<AWS::Partition>:lambda:${region}:${inAccount}:event-source-mapping:*`
    Validations.of(role).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${all}]`,
      reason:
        'Mappings have ids that nobody knows before they are made; a condition narrows it to those of one function.',
    })
  }

  #functionArn(name: string): string {
    const { partition, region, account } = Stack.of(this)
    return `arn:${partition}:lambda:${region}:${account}:function:${name}`
  }

  #createLogGroup(
    link: Link,
    { protect, encryptionKeyArn }: Omit<MappingRemoverProps, 'link' | 'replicator'>,
  ): LogGroup {
    return new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${mappingRemoverName(link)}`,
      retention: link.logRetentionDays,
      ...encryptionKey(this, encryptionKeyArn),
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
  }
}
