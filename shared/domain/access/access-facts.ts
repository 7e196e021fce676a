import type { TopicChoice } from '../topics/topic-inclusion.ts'
import type { Link, LinkAccess } from '../topology/topology.ts'
import type { AclBinding } from './acl-binding.ts'
import type { ClientQuota, UnheldQuota } from './client-quota.ts'
import type { RegisteredRight } from './own-right.ts'

type LoggedIn = {
  readonly name: string
  readonly clusterId?: string
  readonly login: { readonly kind: Link['source']['login']['kind'] }
}

/** What of a link its access plan depends on. */
export type AccessLink = TopicChoice &
  Pick<Link, 'name' | 'naming'> & { readonly source: LoggedIn; readonly target: LoggedIn }

/** Those of the users who were asked for that have a password; `untold` where the cluster does not say. */
export type ScramNames =
  | { readonly kind: 'told'; readonly users: ReadonlySet<string> }
  | { readonly kind: 'untold'; readonly because: string }

export interface QuotaFacts {
  readonly quotas: readonly ClientQuota[]
  readonly unheld: readonly UnheldQuota[]
}

export interface ClusterAccess {
  readonly acls: readonly AclBinding[]
  readonly scram: ScramNames
  /** Absent when quotas do not follow. */
  readonly quotas?: QuotaFacts
}

/** All that is known when a plan is made. */
export interface AccessFacts {
  readonly link: AccessLink
  readonly access: LinkAccess
  /** What the target is. */
  readonly role: 'active' | 'standby'
  /** The replica of each topic of the source that has one, or is sure to get it. */
  readonly replicas: ReadonlyMap<string, string>
  readonly source: ClusterAccess
  readonly target: ClusterAccess
  /** The registry of this link. */
  readonly registered: readonly RegisteredRight[]
  /** ACLs of the source (`bindingText`) that keep applications from writing there: no rights, and no business of the target. */
  readonly fences: ReadonlySet<string>
  /** ACLs of the source (`bindingText`) that another link made of what our target has, or may have. */
  readonly returning: ReadonlySet<string>
}
