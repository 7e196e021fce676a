import { join } from 'node:path'
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2'
import { type IGrantable, type IPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, type FunctionOptions, type IFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda'
import { type BundlingOptions, NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { refuseLargeEnvironment } from '../../shared/config/environment-size.ts'
import { replicateConfig, toEnvironment } from '../../shared/config/replicate-config.ts'
import { replicatorName } from '../../shared/domain/link-names.ts'
import { type Link, type Network, placementOf } from '../../shared/domain/topology/topology.ts'
import { encryptionKey } from './encryption-key.ts'
import { replicatorRights } from './replicator-rights.ts'

const ROOT = join(import.meta.dirname, '../..')

/** One file of ES modules; kafkajs is CommonJS and calls `require`, which such a file has to bring itself. */
const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourceMap: true,
  sourceMapMode: SourceMapMode.EXTERNAL,
  sourcesContent: false,
  bundleAwsSDK: true,
  banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
}

export interface ReplicatorProps {
  readonly link: Link
  /** Whether the logs outlive the stack. */
  readonly protect: boolean
  /** For the logs. @default a key that AWS manages */
  readonly encryptionKeyArn?: string
}

/**
 * The function that appends what the pollers bring, with a role and a log group of its own.
 *
 * In a VPC without a way to the internet it reaches DynamoDB and S3 by gateway endpoints and Secrets Manager by an
 * interface endpoint. They belong to the network, so the user makes them. Gateway endpoints serve their own region only:
 * with placement `source` the table is in another one, and the network needs a NAT gateway, or interface endpoints over
 * peering. On-demand pollers also call Lambda, STS and Secrets Manager from inside the VPC; provisioned ones do not.
 */
export class Replicator extends Construct implements IGrantable {
  readonly function: IFunction
  readonly grantPrincipal: IPrincipal
  readonly #role: Role

  constructor(scope: Construct, id: string, { link, protect, encryptionKeyArn }: ReplicatorProps) {
    super(scope, id)
    const { partition, region, account } = Stack.of(this)
    this.#role = this.#createRole(link)
    this.grantPrincipal = this.#role
    for (const right of replicatorRights(link, { partition, region, account })) this.#role.addToPolicy(right)
    const logGroup = this.#createLogGroup(link, protect, encryptionKeyArn)
    logGroup.grantWrite(this.#role)
    this.function = new NodejsFunction(this, 'Function', {
      ...this.#codeAndSize(link),
      ...this.#network(placementOf(link).network),
      environment: this.#environment(link, account),
      role: this.#role,
      logGroup,
    })
  }

  #createRole(link: Link): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Replicates ${link.source.name} to ${link.target.name} (${link.name})`,
    })
    Validations.of(role).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'EC2 knows no narrower resource for the network interfaces of functions and pollers.',
    })
    return role
  }

  #createLogGroup(link: Link, protect: boolean, encryptionKeyArn: string | undefined): LogGroup {
    return new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${replicatorName(link)}`,
      retention: link.logRetentionDays,
      ...encryptionKey(this, encryptionKeyArn),
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
  }

  #codeAndSize(link: Link) {
    return {
      functionName: replicatorName(link),
      description: `Twinshore: replicates ${link.source.name} to ${link.target.name}`,
      entry: join(ROOT, 'functions/replicate/index.ts'),
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      bundling: BUNDLING,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: link.memoryMiB,
      timeout: Duration.millis(link.functionTimeoutMs),
      tracing: Tracing.DISABLED,
      awsSdkConnectionReuse: false, // the SDK of today does it by itself
      ...(link.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: link.reservedConcurrency }),
    }
  }

  #environment(link: Link, account: string): Record<string, string> {
    const environment = { ...toEnvironment(replicateConfig(link, account)), NODE_OPTIONS: '--enable-source-maps' }
    refuseLargeEnvironment(environment, `link ${link.name}`)
    return environment
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
