import type { PairFailover, PairFailoverInput } from '../failover/failover-choice.ts'
import type { NamePattern } from '../topics/name-pattern.ts'

/**
 * What the user writes (`…Input`), and what it becomes once checked and completed with the defaults. Clusters refer to
 * secrets by name or ARN in Secrets Manager; a name is looked up in the region where the function runs, so that a secret
 * replicated to both regions of a pair needs no second entry.
 */

/** A login as it is written in the topology. */
export type Login =
  | { readonly kind: 'none' }
  | { readonly kind: 'iam' }
  | { readonly kind: 'scram-sha-256' | 'scram-sha-512' | 'plain' | 'mtls'; readonly secret: string }

/** Where functions that serve a cluster run. Named by ids, all of them, so that synthesis looks nothing up. */
export interface Network {
  readonly vpcId: string
  /** The zone of each subnet, in the same order. */
  readonly availabilityZones: readonly string[]
  readonly subnetIds: readonly string[]
  readonly securityGroupIds: readonly string[]
}

interface ClusterAccessInput {
  readonly region: string
  readonly bootstrapServers: readonly string[]
  /** A network in `region` that reaches this cluster and the clusters it is linked with. Absent: functions run outside any VPC. */
  readonly network?: Network
  /** ARNs of the customer-managed KMS keys that encrypt the secrets, one for each region where they are read. */
  readonly secretKeys?: readonly string[]
  /** Kafka's own id of the cluster. Whatever is said here, the ids that the clusters report decide at run time. */
  readonly clusterId?: string
  /** Racks of controllers that are no brokers, by node id: no cluster tells them. */
  readonly controllerRacks?: Readonly<Record<string, string>>
}

export interface MskClusterInput extends ClusterAccessInput {
  readonly kind: 'msk' | 'msk-serverless'
  /** The ARN of the cluster. */
  readonly arn: string
  readonly login: Login
  /** @default true */
  readonly tls?: boolean
}

export interface SelfManagedClusterInput extends ClusterAccessInput {
  readonly kind: 'self-managed'
  readonly login: Login
  /** @default true */
  readonly tls?: boolean
  /** A secret with the certificate of the authority that signed the brokers' certificates. */
  readonly caSecret?: string
}

export type ClusterInput = MskClusterInput | SelfManagedClusterInput

/** `prefix`: `<source>.<topic>`; `identity`: the same name; or a template with `{topic}` and, if wanted, `{source}`. */
export type Naming = 'prefix' | 'identity' | `${string}{topic}${string}`

/** Lambda's pollers: paid by use, or a reserved number of them, shared by the mappings of one group. */
export type Pollers = 'on-demand' | { readonly minimum: number; readonly maximum: number; readonly group?: string }

/** When an alarm fires. */
export interface Thresholds {
  /** How long a partition may stand still while records wait for it. */
  readonly standstillMs: number
  /** Failed invocations within five minutes. */
  readonly functionErrors: number
  /** Throttled invocations within five minutes. */
  readonly throttles: number
  /** How long a record may wait on the source. */
  readonly lagSeconds: number
  /** How many records may. @default any number */
  readonly lagRecords?: number
  /** How much time there has to be before retention takes a record that was not replicated. */
  readonly timeToLossMs: number
}

/** What becomes of a target topic whose source was deleted. */
export type OnSourceDelete = 'keep' | { readonly deleteAfterDays: number }

interface LinkSettings {
  /** Where functions and pollers run; state always lives in the target's region. */
  readonly placement: 'target' | 'source'
  readonly compression: 'zstd' | 'gzip' | 'none'
  /** Records in one invocation, at most. */
  readonly batchSize: number
  /** How long the poller gathers records: 500, or whole seconds. */
  readonly batchWindowMs: number
  readonly pollers: Pollers
  /** Whether what was appended, but not remembered when something died, may be appended again. */
  readonly delivery: 'at-least-once' | 'exactly-once'
  /** What happens to a record that the target will never take. */
  readonly onPoison: 'halt' | 'quarantine'
  readonly functionTimeoutMs: number
  /** How long one append may take before its outcome counts as unknown. */
  readonly appendDeadlineMs: number
  readonly memoryMiB: number
  readonly logRetentionDays: number
  /** How long sealed pages of the offset map and the gap ledger are kept. */
  readonly mapRetentionDays: number
  /** Whether topics, partitions, settings and the mappings of patterns follow the source by themselves. */
  readonly syncTopics: boolean
  /** Of topics that are made on the target; never more than it has brokers. */
  readonly replicationFactor: 'inherit' | number
  readonly onSourceDelete: OnSourceDelete
  /** What happens when a topic was deleted and made again on the source: its new records follow the old ones, or wait. */
  readonly onRecreate: 'append' | 'fault'
  /** Whether the positions of consumer groups follow by themselves. */
  readonly syncGroups: boolean
  /** Whether a group that was set back on the source is set back on the target too. */
  readonly followRewinds: boolean
  /**
   * Whether a beat a second is written to the source, and replicated.
   * @default true where beats come to a topic of their own on the target
   */
  readonly heartbeats: boolean
}

/** What of the rights on the source follows to the target. */
export interface LinkAccess {
  /** The principal on the target of each principal of the source; the rights of others are left where they are. */
  readonly principals: Readonly<Record<string, string>>
  /** Whether client quotas of these principals follow as well. */
  readonly quotas: boolean
}

type LinkAccessInput = Pick<LinkAccess, 'principals'> & Partial<LinkAccess>

export interface LinkInput<ClusterName extends string = string> extends Partial<LinkSettings> {
  /** @default `<source>-<target>` */
  readonly name?: string
  readonly source: ClusterName
  readonly target: ClusterName
  /** Names, and patterns that match whole names. */
  readonly topics: readonly NamePattern[]
  /** What the patterns shall not bring; wins over them. */
  readonly exclude?: readonly NamePattern[]
  /** Settings of topics that are left alone, besides those that always are. */
  readonly excludeSettings?: readonly NamePattern[]
  /** Consumer groups whose positions follow. @default all but those that `excludeGroups` and every link leave out */
  readonly groups?: readonly NamePattern[]
  /** Wins over `groups`. */
  readonly excludeGroups?: readonly NamePattern[]
  /** @default no rights follow */
  readonly access?: LinkAccessInput
  /**
   * Whether records say where they were first written, so that none returns there.
   * @default true where names do not carry their origin and records could come back
   */
  readonly provenance?: boolean
  /** @default `prefix` where data flows both ways, else `identity` */
  readonly naming?: Naming
  /** Concurrent invocations to reserve for, and limit, the function. */
  readonly reservedConcurrency?: number
  readonly thresholds?: Partial<Thresholds>
}

export interface PairInput<ClusterName extends string = string> {
  /** @default `<first cluster>-<second cluster>` */
  readonly name?: string
  readonly clusters: readonly [ClusterName, ClusterName]
  /** @default nobody fails over by a command */
  readonly failover?: PairFailoverInput<ClusterName>
}

export interface TopologyInput<ClusterName extends string = string> {
  /** Starts every name in AWS, so that several installations fit into one account. */
  readonly installation?: string
  /** The account to deploy to. Absent: whichever the credentials belong to. */
  readonly account?: string
  /** Whether tables, buckets and logs outlive their stacks. */
  readonly protect?: boolean
  /** A customer-managed KMS key ARN by region, for tables, buckets and logs. Absent: keys that AWS manages. */
  readonly encryptionKeys?: Readonly<Record<string, string>>
  /** An SNS topic ARN by region, told by every alarm there. */
  readonly alarmTopics?: Readonly<Record<string, string>>
  /** Where people on call read the README, as an https address. Absent: dashboards name its sections without a link. */
  readonly runbook?: string
  readonly clusters: Readonly<Record<ClusterName, ClusterInput>>
  readonly links: readonly LinkInput<NoInfer<ClusterName>>[]
  readonly pairs?: readonly PairInput<NoInfer<ClusterName>>[]
}

interface Complete {
  readonly name: string
  readonly tls: boolean
}

export type MskCluster = MskClusterInput & Complete
export type Cluster = ClusterInput & Complete

/** One-way replication, checked and complete. */
export interface Link extends LinkSettings {
  readonly installation: string
  readonly name: string
  readonly source: Cluster
  readonly target: Cluster
  /** Named in the topology, and so in its stack. */
  readonly topics: readonly string[]
  /** What finds further topics at run time; this and what follows as `anchored` makes them. */
  readonly patterns: readonly string[]
  readonly exclude: readonly string[]
  readonly excludeSettings: readonly string[]
  readonly groups: readonly string[]
  readonly excludeGroups: readonly string[]
  readonly access?: LinkAccess
  readonly provenance: boolean
  readonly naming: Naming
  readonly reservedConcurrency?: number
  readonly thresholds: Thresholds
  /** `stopped` for what leads to the cluster that its pair begins with as the active one: a failover starts it. */
  readonly initialMode: 'forwarding' | 'stopped'
}

/** Two clusters that can fail over to each other, and the links between them. */
export interface Pair {
  readonly name: string
  /** By name. */
  readonly clusters: readonly [string, string]
  readonly links: readonly Link[]
  readonly failover?: PairFailover
}

export interface Topology {
  readonly installation: string
  readonly account?: string
  readonly protect: boolean
  readonly encryptionKeys: Readonly<Record<string, string>>
  readonly alarmTopics: Readonly<Record<string, string>>
  readonly runbook?: string
  readonly clusters: readonly Cluster[]
  readonly links: readonly Link[]
  readonly pairs: readonly Pair[]
}

/** The cluster whose region and network the functions and pollers of a link use. */
export const placementOf = (link: Link): Cluster => (link.placement === 'source' ? link.source : link.target)

export const isMsk = (cluster: Cluster): cluster is MskCluster => cluster.kind !== 'self-managed'
