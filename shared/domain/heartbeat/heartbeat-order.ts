import type { Link } from '../topology/topology.ts'

/** What the function that beats for a link knows. */
export interface HeartbeatOrder {
  readonly link: Link
}
