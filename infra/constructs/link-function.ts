import { Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib'
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2'
import { type IGrantable, type IPrincipal, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { FunctionOptions, IFunction } from 'aws-cdk-lib/aws-lambda'
import { type BundlingOptions, NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { refuseLargeEnvironment } from '../../shared/config/environment-size.ts'
import { type Link, type Network, placementOf } from '../../shared/domain/topology/topology.ts'
import { encryptionKey } from './encryption-key.ts'
import { functionCode } from './function-code.ts'

export interface LinkFunctionProps {
  readonly link: Link
  /** Whether the logs outlive the stack. */
  readonly protect: boolean
  /** For the logs. @default a key that AWS manages */
  readonly encryptionKeyArn?: string
  readonly functionName: string
  /** A sentence without its end, of the function and its role. */
  readonly description: string
  /** A folder of `functions/`. */
  readonly code: string
  readonly memoryMiB: number
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string>>
  /**
   * Like variables of the environment, of any length, and known at synthesis: the bundle has their values where it names
   * them as `process.env.NAME`. @default none
   */
  readonly builtIn?: Readonly<Record<string, string>>
  readonly rights: readonly PolicyStatement[]
  /** Why some of them end in a wildcard. */
  readonly wildcardsBecause?: string
  /** @default as the account has it */
  readonly reservedConcurrency?: number
  /** Whether it stays outside any network, since it calls nothing but AWS. @default in that of the link's placement */
  readonly outside?: boolean
  /** Whether Lambda keeps an event that failed or was throttled, and brings it again. @default it does, as ever */
  readonly bringsAgain?: boolean
}

/** The least that Lambda takes. */
const SHORTEST_EVENT_AGE = Duration.minutes(1)

/** One of our functions for one link, with a role and a log group of its own. */
export class LinkFunction extends Construct implements IGrantable {
  readonly function: IFunction
  readonly grantPrincipal: IPrincipal

  constructor(scope: Construct, id: string, props: LinkFunctionProps) {
    super(scope, id)
    const role = this.#createRole(props)
    this.grantPrincipal = role
    const logGroup = this.#createLogGroup(props)
    logGroup.grantWrite(role)
    const { link, code, environment, builtIn = {}, outside = false } = props
    const variables = { NODE_OPTIONS: '--enable-source-maps', ...environment }
    refuseLargeEnvironment(variables, `link ${link.name}`)
    this.function = new NodejsFunction(this, 'Function', {
      ...this.#nameAndSize(props),
      ...(props.bringsAgain === false && { retryAttempts: 0, maxEventAge: SHORTEST_EVENT_AGE }),
      ...functionCode(code, defined(builtIn)),
      ...(outside ? {} : this.#network(placementOf(link).network)),
      environment: variables,
      role,
      logGroup,
    })
  }

  #createRole({ description, rights, wildcardsBecause = '' }: LinkFunctionProps): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), description })
    for (const right of rights) role.addToPolicy(right)
    Validations.of(role).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason:
        'EC2 knows no narrower resource for network interfaces, nor has Lambda one for listing and making mappings.',
    })
    for (const resource of new Set(rights.flatMap(({ resources }) => resources)))
      if (resource !== '*' && resource.endsWith('*')) this.#acknowledge(role, resource, wildcardsBecause)
    return role
  }

  /** What is known only at deploy time stands there by its name. */
  #acknowledge(role: Role, resource: string, reason: string): void {
    const { partition, account } = Stack.of(this)
    const named = resource.replaceAll(partition, '<AWS::Partition>')
    const whole = Token.isUnresolved(account) ? named.replaceAll(account, '<AWS::AccountId>') : named
    Validations.of(role).acknowledge({ id: `AwsSolutions::AwsSolutions-IAM5[Resource::${whole}]`, reason })
  }

  #createLogGroup({ link, functionName, protect, encryptionKeyArn }: LinkFunctionProps): LogGroup {
    return new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: link.logRetentionDays,
      ...encryptionKey(this, encryptionKeyArn),
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
  }

  #nameAndSize({ functionName, description, memoryMiB, timeoutMs, reservedConcurrency }: LinkFunctionProps) {
    return {
      functionName,
      description: `Twinshore: ${description.charAt(0).toLowerCase()}${description.slice(1)}`,
      memorySize: memoryMiB,
      timeout: Duration.millis(timeoutMs),
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
    }
  }

  #network(network: Network | undefined): Pick<FunctionOptions, 'vpc' | 'securityGroups'> {
    if (network === undefined) return {}
    const { vpcId, availabilityZones, subnetIds, securityGroupIds } = network
    Validations.of(this).acknowledge({
      id: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId',
      reason: "Nothing is routed from here: the network is the user's, and only its ids are needed.",
    })
    return {
      vpc: Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId,
        availabilityZones: [...availabilityZones],
        privateSubnetIds: [...subnetIds],
      }),
      securityGroups: securityGroupIds.map((id) => SecurityGroup.fromSecurityGroupId(this, id, id, { mutable: false })),
    }
  }
}

const defined = (builtIn: Readonly<Record<string, string>>): Pick<BundlingOptions, 'define'> => {
  const entries = Object.entries(builtIn)
  if (entries.length === 0) return {}
  return { define: Object.fromEntries(entries.map(([name, value]) => [`process.env.${name}`, JSON.stringify(value)])) }
}
