import { pathToFileURL } from 'node:url'
import { type ReplicateConfig, toEnvironment } from '../shared/config/replicate-config.ts'
import type { KafkaAccess } from '../shared/domain/kafka-access.ts'
import type { DynamoDbLocal } from './dynamodb-local.ts'

/** What a process needs to be the replicate function of one link; passed on as JSON. */
export interface ReplicatorSpec {
  readonly bundle: string
  readonly environment: Readonly<Record<string, string>>
}

export interface ReplicatorLink {
  readonly source: KafkaAccess
  readonly target: KafkaAccess
  readonly compression: ReplicateConfig['link']['compression']
  /** The name on the target, with `{topic}`. */
  readonly replicaTemplate: string
}

const DAY_MS = 86_400_000

/** Of a cluster that lets everybody in. */
export const openAccess = (
  cluster: string,
  { bootstrapServers }: Pick<KafkaAccess, 'bootstrapServers'>,
): KafkaAccess => ({
  cluster,
  bootstrapServers,
  tls: false,
  login: { kind: 'none' },
})

/** The table of a link of the bench. */
export const tableOf = (name: string): string => `bench-${name}`

/** A link of its own, with an empty table; made again under its name, it goes on with the table that it has. */
export const newReplicator = async (
  name: string,
  link: ReplicatorLink,
  bundle: string,
  state: DynamoDbLocal,
): Promise<ReplicatorSpec> => {
  const table = tableOf(name)
  await state.createTable(table)
  const { compression, replicaTemplate } = link
  const config: ReplicateConfig = {
    link: {
      installation: 'bench',
      name,
      compression,
      replicaTemplate,
      provenance: false,
      delivery: 'at-least-once',
      onPoison: 'halt',
      appendDeadlineMs: 20_000,
      mapRetentionMs: 365 * DAY_MS,
      initialMode: 'forwarding',
    },
    source: link.source,
    target: link.target,
    table: { name: table, region: state.region },
  }
  return { bundle, environment: { ...state.environment, ...toEnvironment(config) } }
}

export type Replicate = (event: unknown) => Promise<void>

const REMAINING_MS = 60_000

/** As Lambda's runtime makes it, as far as the function looks at it. */
const context = {
  functionName: 'bench-replicate',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:bench-replicate',
  memoryLimitInMB: '1024',
  awsRequestId: 'bench',
  logGroupName: 'bench',
  logStreamName: 'bench',
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => REMAINING_MS,
}

/** Loads the deployed bundle into this process, once. */
export const loadReplicator = async ({ bundle, environment }: ReplicatorSpec): Promise<Replicate> => {
  Object.assign(process.env, environment)
  const { handler } = await import(pathToFileURL(bundle).href)
  return (event) => handler(event, context)
}
