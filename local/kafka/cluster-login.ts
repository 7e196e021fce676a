import { randomBytes } from 'node:crypto'
import { type Certified, certify, createAuthority } from './certificates.ts'

/** `admin` may do everything; the others only what ACLs give them. */
export const USERS = ['admin', 'replicator', 'application'] as const
export type User = (typeof USERS)[number]

/** What a client needs to log in to a local cluster, over PLAINTEXT or SASL_SSL. */
export type ClusterLogin =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'scram-sha-512'
      readonly username: User
      readonly password: string
      /** The authority to trust, PEM. */
      readonly ca: string
    }

/** The secrets of a cluster that checks who is there; made anew for each cluster. */
export interface ClusterSecrets {
  readonly ca: string
  /** The certificate that brokers show to clients and to each other; its principal is `BROKER_PRINCIPAL`. */
  readonly broker: Certified
  readonly passwords: Readonly<Record<User, string>>
}

export const BROKER_PRINCIPAL = 'User:CN=broker'

const newPassword = (): string => randomBytes(18).toString('base64url')

export const createSecrets = (clusterName: string, now: number): ClusterSecrets => {
  const authorityName = `twinshore local ${clusterName}`
  const authority = createAuthority(authorityName, now)
  return {
    ca: authority.certificate,
    broker: certify('broker', authorityName, authority, now),
    passwords: { admin: newPassword(), replicator: newPassword(), application: newPassword() },
  }
}

export const loginOf = (secrets: ClusterSecrets | undefined, user: User): ClusterLogin =>
  secrets === undefined
    ? { kind: 'none' }
    : { kind: 'scram-sha-512', username: user, password: secrets.passwords[user], ca: secrets.ca }
