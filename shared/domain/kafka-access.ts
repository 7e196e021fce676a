import type { Cluster } from './topology/topology.ts'

/** How somebody proves to a cluster who they are. A secret is the name or ARN of one in Secrets Manager, never a password. */
export type KafkaLogin =
  | { readonly kind: 'none' }
  /** MSK's own access control; requests are signed for `region`, which is the cluster's. */
  | { readonly kind: 'iam'; readonly region: string }
  /** The secret holds `{"username", "password"}`. */
  | { readonly kind: 'scram-sha-256' | 'scram-sha-512' | 'plain'; readonly secret: string }
  /** The secret holds `{"certificate", "privateKey", "privateKeyPassword"?}` as PEM texts. */
  | { readonly kind: 'mtls'; readonly secret: string }

/** All that a client needs to reach one cluster. */
export interface KafkaAccess {
  /** The cluster's name in the topology, for messages. */
  readonly cluster: string
  /** `host:port` each, at least one. */
  readonly bootstrapServers: readonly string[]
  readonly tls: boolean
  /** A secret `{"certificate"}` with the PEM text of the authority that signed the brokers' certificates; absent: the public ones. */
  readonly caSecret?: string
  readonly login: KafkaLogin
}

export const kafkaAccess = (cluster: Cluster): KafkaAccess => ({
  cluster: cluster.name,
  bootstrapServers: cluster.bootstrapServers,
  tls: cluster.tls,
  ...('caSecret' in cluster && cluster.caSecret !== undefined ? { caSecret: cluster.caSecret } : {}),
  login: cluster.login.kind === 'iam' ? { kind: 'iam', region: cluster.region } : cluster.login,
})

/** The secrets that a client of the cluster reads. */
export const secretsOf = ({ login, caSecret }: KafkaAccess): readonly string[] => [
  ...('secret' in login ? [login.secret] : []),
  ...(caSecret === undefined ? [] : [caSecret]),
]
