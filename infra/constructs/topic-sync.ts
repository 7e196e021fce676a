import { Stack } from 'aws-cdk-lib'
import { type IGrantable, type IPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import { topicSyncName } from '../../shared/domain/link-names.ts'
import { syncOrder } from '../../shared/domain/topics/sync-order.ts'
import type { Topology } from '../../shared/domain/topology/topology.ts'
import { LinkFunction, type LinkFunctionProps } from './link-function.ts'
import { topicSyncRights } from './topic-sync-rights.ts'

export interface TopicSyncProps extends Pick<LinkFunctionProps, 'link' | 'protect' | 'encryptionKeyArn'> {
  readonly topology: Topology
}

/** A thousand topics and their settings fit into half of it. */
const MEMORY_MIB = 512
/** Ends before the next pass begins. Lambda paces new mappings, so that a first pass over many topics takes several turns. */
const TIMEOUT_MS = 55_000

/** The function that keeps topics, settings and mappings of a link in step, and its schedule. */
export class TopicSync extends Construct implements IGrantable {
  readonly function: IFunction
  readonly grantPrincipal: IPrincipal

  constructor(scope: Construct, id: string, { topology, ...props }: TopicSyncProps) {
    super(scope, id)
    const { link } = props
    const { partition, region, account } = Stack.of(this)
    const made = new LinkFunction(this, 'Default', {
      ...props,
      functionName: topicSyncName(link),
      description: `Keeps the topics of ${link.source.name} and ${link.target.name} in step (${link.name})`,
      code: 'sync-topics',
      memoryMiB: MEMORY_MIB,
      timeoutMs: TIMEOUT_MS,
      environment: {},
      builtIn: { TWINSHORE_ORDER: JSON.stringify(syncOrder(link, topology)) },
      rights: topicSyncRights(link, { partition, region, account }),
      bringsAgain: false, // the next pass does what this one did not
      wildcardsBecause:
        'Names of topics that come later, and ids of mappings that are made at run time, are not known beforehand.',
    })
    this.function = made.function
    this.grantPrincipal = made.grantPrincipal
    this.#everyMinute(link.name)
  }

  /** A role that may invoke the function and nothing else; the L2 would allow all of its versions as well. */
  #everyMinute(link: string): void {
    const { functionArn } = this.function
    const role = new Role(this, 'Schedule', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
      description: `Starts what keeps the topics of ${link} in step`,
    })
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }))
    new CfnSchedule(this, 'EveryMinute', {
      description: `Twinshore: topics of the link ${link}`,
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: functionArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    })
  }
}
