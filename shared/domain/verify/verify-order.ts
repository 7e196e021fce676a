import type { Link } from '../topology/topology.ts'

/** What the function that verifies a link knows. */
export interface VerifyOrder {
  readonly link: Link
}
