import { ReplicationError } from '../domain/errors.ts'
import { type KafkaAccess, type KafkaLogin, kafkaAccess } from '../domain/kafka-access.ts'
import { quarantineBucketName, tableName } from '../domain/link-names.ts'
import { replicaTemplate } from '../domain/topics/topic-naming.ts'
import type { Link } from '../domain/topology/topology.ts'
import { Fields } from './fields.ts'

/** What the replicate function knows when it starts: written into its environment by the CDK app, parsed once. */
export interface ReplicateConfig {
  readonly link: {
    readonly installation: string
    readonly name: string
    /** The name of a topic on the target, with `{topic}` in place of its name on the source; see `topic-naming.ts`. */
    readonly replicaTemplate: string
    readonly provenance: boolean
    readonly compression: 'zstd' | 'gzip' | 'none'
    readonly delivery: 'at-least-once' | 'exactly-once'
    readonly onPoison: 'halt' | 'quarantine'
    readonly appendDeadlineMs: number
    /** How long sealed pages and the gap ledger are kept (`expiresAt`). */
    readonly mapRetentionMs: number
    /** How it is before anybody has changed it. */
    readonly initialMode: 'forwarding' | 'stopped'
  }
  readonly source: KafkaAccess
  readonly target: KafkaAccess
  readonly table: { readonly name: string; readonly region: string }
  /** In the table's region; there whenever `onPoison` is `quarantine`. */
  readonly quarantineBucket?: string
}

/**
 * For Node where the function runs. An event is some megabytes of young objects: in the young generation that Node gives
 * itself in a small function they are copied again and again, for a third of all CPU (`npm run bench -- memory`).
 */
export const REPLICATE_NODE_OPTIONS = ['--enable-source-maps', '--max-semi-space-size=16']

const DAY_MS = 86_400_000

/** What the function of a link is told; its bucket bears the account's number. */
export const replicateConfig = (link: Link, account: string): ReplicateConfig => ({
  link: {
    installation: link.installation,
    name: link.name,
    replicaTemplate: replicaTemplate(link.naming, link.source.name),
    provenance: link.provenance,
    compression: link.compression,
    delivery: link.delivery,
    onPoison: link.onPoison,
    appendDeadlineMs: link.appendDeadlineMs,
    mapRetentionMs: link.mapRetentionDays * DAY_MS,
    initialMode: link.initialMode,
  },
  source: kafkaAccess(link.source),
  target: kafkaAccess(link.target),
  table: { name: tableName(link), region: link.target.region },
  ...(link.onPoison === 'quarantine' ? { quarantineBucket: quarantineBucketName(link, account) } : {}),
})

type Environment = Readonly<Record<string, string | undefined>>

export const toEnvironment = (config: ReplicateConfig): Record<string, string> => ({
  TWINSHORE_LINK: JSON.stringify(config.link),
  TWINSHORE_SOURCE: JSON.stringify(config.source),
  TWINSHORE_TARGET: JSON.stringify(config.target),
  TWINSHORE_TABLE: JSON.stringify(config.table),
  ...(config.quarantineBucket === undefined ? {} : { TWINSHORE_QUARANTINE_BUCKET: config.quarantineBucket }),
})

/** Throws `CONFIG_INVALID` that names every missing or bad field at once. */
export const parseReplicateConfig = (environment: Environment): ReplicateConfig => {
  const problems: string[] = []
  const bucket = environment.TWINSHORE_QUARANTINE_BUCKET
  const config: ReplicateConfig = {
    link: readLink(variable(environment, 'TWINSHORE_LINK', problems)),
    source: readAccess(variable(environment, 'TWINSHORE_SOURCE', problems)),
    target: readAccess(variable(environment, 'TWINSHORE_TARGET', problems)),
    table: readTable(variable(environment, 'TWINSHORE_TABLE', problems)),
    ...(bucket === undefined || bucket === '' ? {} : { quarantineBucket: bucket }),
  }
  if (config.link.onPoison === 'quarantine' && config.quarantineBucket === undefined)
    problems.push('TWINSHORE_QUARANTINE_BUCKET must name a bucket, since TWINSHORE_LINK.onPoison is quarantine')
  if (problems.length === 0) return config
  throw new ReplicationError('CONFIG_INVALID', `reading the environment of the function: ${problems.join('; ')}`)
}

const variable = (environment: Environment, name: string, problems: string[]): Fields => {
  const text = environment[name]
  if (text === undefined) problems.push(`${name} is missing`)
  return text === undefined ? new Fields({}, name, []) : new Fields(fromJson(text), name, problems)
}

const fromJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const readLink = (link: Fields): ReplicateConfig['link'] => ({
  installation: link.text('installation'),
  name: link.text('name'),
  replicaTemplate: link.text('replicaTemplate'),
  provenance: link.flag('provenance'),
  compression: link.oneOf('compression', ['zstd', 'gzip', 'none']),
  delivery: link.oneOf('delivery', ['at-least-once', 'exactly-once']),
  onPoison: link.oneOf('onPoison', ['halt', 'quarantine']),
  appendDeadlineMs: link.positiveInteger('appendDeadlineMs'),
  mapRetentionMs: link.positiveInteger('mapRetentionMs'),
  initialMode: link.oneOf('initialMode', ['forwarding', 'stopped']),
})

const readTable = (table: Fields): ReplicateConfig['table'] => ({
  name: table.text('name'),
  region: table.text('region'),
})

const readAccess = (access: Fields): KafkaAccess => ({
  cluster: access.text('cluster'),
  bootstrapServers: access.texts('bootstrapServers'),
  tls: access.flag('tls'),
  ...(access.has('caSecret') ? { caSecret: access.text('caSecret') } : {}),
  login: readLogin(access.object('login')),
})

const readLogin = (login: Fields): KafkaLogin => {
  const kind = login.oneOf('kind', ['none', 'iam', 'scram-sha-256', 'scram-sha-512', 'plain', 'mtls'])
  if (kind === 'none') return { kind }
  return kind === 'iam' ? { kind, region: login.text('region') } : { kind, secret: login.text('secret') }
}
