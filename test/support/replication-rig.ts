import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalAws, startAws } from '../../local/aws/aws.ts'
import { type LocalDynamoDb, startDynamoDb } from '../../local/aws/dynamodb.ts'
import type { Faults } from '../../local/aws/gateway/faults.ts'
import { type Gateway, startGateway } from '../../local/aws/gateway.ts'
import { freePort } from '../../local/machine/free-port.ts'
import { grantReplication, keepSecrets } from '../../local/world/world-security.ts'
import { type RigCluster, startRigCluster } from './rig-cluster.ts'
import { makeRigLink, type RigLink } from './rig-link.ts'
import { type LinkOptions, RIG_REGION } from './rig-topology.ts'

export interface RigOptions {
  /** Of the target. @default 1 */
  readonly brokers?: 1 | 3
  /** SASL_SSL, SCRAM and ACLs on both sides; brings an AWS for the secrets. */
  readonly secure?: boolean
  /** An AWS with S3 and Secrets Manager. */
  readonly aws?: boolean
  /** Brokers will be killed: they are missed and let back in sooner than Kafka's nine seconds. */
  readonly mortal?: boolean
}

const SOON_MISSED = { 'broker.session.timeout.ms': '5000', 'broker.heartbeat.interval.ms': '1000' }

/** Two real clusters and a real DynamoDB API, between which links can be made. */
export interface Rig {
  readonly source: RigCluster
  readonly target: RigCluster
  readonly dynamoDb: LocalDynamoDb
  /** What goes wrong between functions and DynamoDB. */
  readonly stateFaults: Faults
  /** Between functions and DynamoDB. */
  readonly stateEndpoint: string
  readonly aws: LocalAws | undefined
  /** Makes a link with a table and a function of its own. */
  link(options?: LinkOptions): Promise<RigLink>
  stop(): Promise<void>
}

type Stop = () => Promise<unknown>

const secureWith = async (aws: LocalAws, source: RigCluster, target: RigCluster): Promise<void> => {
  for (const { cluster } of [source, target]) await keepSecrets(aws.url, RIG_REGION, cluster)
  await grantReplication(source.cluster, 'source')
  await grantReplication(target.cluster, 'target')
}

/** A gateway in front of DynamoDB, for the faults that it knows. */
const startStateGateway = async ({ endpoint }: LocalDynamoDb): Promise<Gateway> =>
  startGateway({ port: await freePort(), upstream: new URL(endpoint) })

/** Starts a rig; whatever has started is stopped when the rest fails, and all of it when stopping a part fails. */
export const startRig = async (name: string, options: RigOptions = {}): Promise<Rig> => {
  const folder = await mkdtemp(join(tmpdir(), `twinshore-${name}-`))
  const stops: Stop[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const end of stops.splice(0).reverse()) await end().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, `stopping the rig ${name}`)
  }
  const started = <Part extends { stop: Stop }>(starting: Promise<Part>): Promise<Part> =>
    starting.then((part) => {
      stops.push(() => part.stop())
      return part
    })
  try {
    return await startParts(folder, options, started, stops, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

const startParts = async (
  folder: string,
  { brokers = 1, secure = false, aws: wantsAws = secure, mortal = false }: RigOptions,
  started: <Part extends { stop: Stop }>(starting: Promise<Part>) => Promise<Part>,
  stops: Stop[],
  stop: () => Promise<void>,
): Promise<Rig> => {
  const parts = [
    started(startRigCluster({ name: 'source', folder, secure })),
    started(startRigCluster({ name: 'target', folder, secure, brokers, properties: mortal ? SOON_MISSED : {} })),
    started(startDynamoDb({ folder })),
    wantsAws ? started(startAws({ folder })) : undefined,
  ] as const
  await Promise.allSettled(parts) // so that nothing starts after the rest was stopped
  const [source, target, dynamoDb, aws] = await Promise.all(parts)
  const gateway = await startStateGateway(dynamoDb)
  stops.push(() => gateway.close())
  if (secure && aws !== undefined) await secureWith(aws, source, target)
  const rig: Rig = {
    source,
    target,
    dynamoDb,
    stateFaults: gateway.faults,
    stateEndpoint: gateway.url,
    aws,
    stop,
    link: (options = {}) => {
      const making = makeRigLink(rig, options)
      stops.push(() =>
        making.then(
          (link) => link.stop(),
          () => undefined, // whoever asked for the link has been told
        ),
      )
      return making
    },
  }
  return rig
}
