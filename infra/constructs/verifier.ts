import { Duration, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { verifierName } from '../../shared/domain/link-names.ts'
import type { VerifyOrder } from '../../shared/domain/verify/verify-order.ts'
import { type FollowerProps, ScheduledFunction } from './scheduled-function.ts'
import { verifierRights } from './verifier-rights.ts'

/** The function that compares both clusters of a link: some samples by itself, the rest when it is asked. */
export class Verifier extends ScheduledFunction {
  constructor(scope: Construct, id: string, { topology: _, ...props }: FollowerProps) {
    const { link } = props
    const { partition, region, account } = Stack.of(scope)
    const order: VerifyOrder = { link }
    super(scope, id, {
      ...props,
      functionName: verifierName(link),
      description: `Compares what ${link.source.name} and ${link.target.name} hold (${link.name})`,
      code: 'verify',
      every: Duration.hours(1),
      keeps: `the verification of ${link.name}`,
      builtIn: { TWINSHORE_ORDER: JSON.stringify(order) },
      rights: verifierRights(link, { partition, region, account }),
      wildcardsBecause: 'Names of topics that patterns find are not known beforehand.',
    })
  }
}
