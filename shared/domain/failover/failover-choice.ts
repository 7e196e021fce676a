import type { Login } from '../topology/topology.ts'
import type { FailoverLimits, TailChoice } from './failover-input.ts'

/** A login whose secret proves who somebody is, so that a write can be tried with an application's own rights. */
export type ProbeLogin = Extract<Login, { readonly secret: string }>

/**
 * What keeps applications from writing to a cluster. `acl`: DENY for each principal, proved with the `probe`, or weaker
 * without one. `parameter`: an SSM parameter that clients heed of their own will. `function`: a Lambda function of the
 * user's, by its name, in the region of the other cluster. `none`: nothing does.
 */
export type FenceChoice =
  | { readonly kind: 'acl'; readonly principals: readonly string[]; readonly probe?: ProbeLogin }
  | { readonly kind: 'parameter' | 'function'; readonly name: string }
  | { readonly kind: 'none' }

/** How clients learn which cluster is the active one; names as those of fences. */
export type SwitchChoice =
  | { readonly kind: 'parameter' | 'function'; readonly name: string }
  /** Whoever runs the clients moves them by hand. */
  | { readonly kind: 'none' }

/** Whether somebody has to read the preflight report before anything changes, and for how long is waited for them. */
export interface Approval {
  readonly needed: boolean
  readonly expiresMs: number
}

/** How a pair fails over, as written: what is left out has a default, what fences each source has none. */
export interface PairFailoverInput<ClusterName extends string = string> {
  /** The cluster that applications write to when the pair is deployed for the first time. */
  readonly active: ClusterName
  /** By cluster, one or several: for each that a link of the pair leads away from. */
  readonly fence: Readonly<Partial<Record<ClusterName, FenceChoice | readonly FenceChoice[]>>>
  /** One or several. */
  readonly clients: SwitchChoice | readonly SwitchChoice[]
  readonly limits?: Partial<FailoverLimits>
  readonly approval?: 'none' | { readonly expiresMs: number }
  /** How long the ends of all replicated topics have to stand still until nobody writes. */
  readonly stillMs?: number
  /** How often a drill is started in each direction. */
  readonly drillEveryDays?: number
  /** What becomes of the stranded tail where whoever starts a failover says nothing. */
  readonly tail?: TailChoice
  /** Whether whoever starts an unplanned failover may choose `scrape`: then the fence may delete records. */
  readonly mayScrape?: boolean
}

/** How a pair fails over, checked and complete. */
export interface PairFailover {
  readonly active: string
  readonly fences: Readonly<Record<string, readonly FenceChoice[]>>
  readonly clients: readonly SwitchChoice[]
  readonly limits: FailoverLimits
  readonly approval: Approval
  readonly stillMs: number
  readonly drillEveryDays: number
  readonly tail: TailChoice
  readonly mayScrape: boolean
}
