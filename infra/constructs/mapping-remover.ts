import { CustomResource, Duration, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct, type IDependable } from 'constructs'
import { removeMappingsEnvironment } from '../../shared/config/remove-mappings-config.ts'
import { mappingRemoverName, replicatorName } from '../../shared/domain/link-names.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { LinkFunction, type LinkFunctionProps } from './link-function.ts'

export interface MappingRemoverProps extends Pick<LinkFunctionProps, 'link' | 'protect' | 'encryptionKeyArn'> {
  /** The function that the mappings invoke. */
  readonly replicator: IFunction
}

const MEMORY_MIB = 256
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

  constructor(scope: Construct, id: string, { replicator, ...props }: MappingRemoverProps) {
    super(scope, id)
    const { link } = props
    const { partition, region, account } = Stack.of(this)
    const remover = new LinkFunction(this, 'Function', {
      ...props,
      functionName: mappingRemoverName(link),
      description: `Removes the mappings of ${link.name} that were made at run time`,
      code: 'remove-mappings',
      memoryMiB: MEMORY_MIB,
      timeoutMs: TIMEOUT.toMilliseconds(),
      environment: removeMappingsEnvironment(link),
      rights: removeMappings(link, { partition, region, account }),
      wildcardsBecause:
        'Mappings have ids that nobody knows before they are made; a condition narrows it to those of one function.',
      outside: true,
    })
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::TwinshoreRunTimeMappings',
      serviceToken: remover.function.functionArn,
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      properties: { topics: [...link.topics] },
    })
    // what it needs to clear up has to be there still when the stack goes
    resource.node.addDependency(remover, replicator)
    this.madeWay = resource
  }
}

const removeMappings = (link: Link, { partition, region, account }: AwsPlace): PolicyStatement[] => {
  const lambda = (kind: string, name: string): string => `arn:${partition}:lambda:${region}:${account}:${kind}:${name}`
  const mappings = [lambda('event-source-mapping', '*')]
  const ofLink = { ArnEquals: { 'lambda:FunctionArn': lambda('function', replicatorName(link)) } }
  const change = ['lambda:DeleteEventSourceMapping', 'lambda:GetEventSourceMapping']
  return [
    new PolicyStatement({ actions: ['lambda:ListEventSourceMappings'], resources: ['*'] }),
    new PolicyStatement({ actions: ['lambda:ListTags'], resources: mappings }),
    new PolicyStatement({ actions: change, resources: mappings, conditions: ofLink }),
  ]
}
