import { Stack } from 'aws-cdk-lib'
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { REPLICATE_NODE_OPTIONS, replicateConfig, toEnvironment } from '../../shared/config/replicate-config.ts'
import { replicatorName } from '../../shared/domain/link-names.ts'
import { LinkFunction, type LinkFunctionProps } from './link-function.ts'
import { replicatorRights } from './replicator-rights.ts'

export type ReplicatorProps = Pick<LinkFunctionProps, 'link' | 'protect' | 'encryptionKeyArn'>

/**
 * The function that appends what the pollers bring.
 *
 * In a VPC without a way to the internet it reaches DynamoDB and S3 by gateway endpoints and Secrets Manager by an
 * interface endpoint. They belong to the network, so the user makes them. Gateway endpoints serve their own region only:
 * with placement `source` the table is in another one, and the network needs a NAT gateway, or interface endpoints over
 * peering. On-demand pollers also call Lambda, STS and Secrets Manager from inside the VPC; provisioned ones do not.
 */
export class Replicator extends Construct implements IGrantable {
  readonly function: IFunction
  readonly grantPrincipal: IPrincipal

  constructor(scope: Construct, id: string, props: ReplicatorProps) {
    super(scope, id)
    const { link } = props
    const { partition, region, account } = Stack.of(this)
    const made = new LinkFunction(this, 'Default', {
      ...props,
      functionName: replicatorName(link),
      description: `Replicates ${link.source.name} to ${link.target.name} (${link.name})`,
      code: 'replicate',
      memoryMiB: link.memoryMiB,
      timeoutMs: link.functionTimeoutMs,
      environment: {
        ...toEnvironment(replicateConfig(link, account)),
        NODE_OPTIONS: REPLICATE_NODE_OPTIONS.join(' '),
      },
      rights: replicatorRights(link, { partition, region, account }),
      wildcardsBecause: 'The topics that a pattern will find are not known beforehand.',
      ...(link.reservedConcurrency === undefined ? {} : { reservedConcurrency: link.reservedConcurrency }),
    })
    this.function = made.function
    this.grantPrincipal = made.grantPrincipal
  }
}
