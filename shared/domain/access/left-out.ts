/** Why something on the source does not follow. */
export type LeftOutBecause =
  | 'principal-unmapped'
  | 'everybody'
  | 'cluster-level'
  | 'topic-not-replicated'
  | 'no-replica-yet'
  | 'fence'
  | 'would-return'
  | 'unknown-to-us'
  | 'default-quota'
  | 'ip-quota'
  | 'somebody-elses-quota'

export interface LeftOut {
  /** For people. */
  readonly what: string
  readonly because: LeftOutBecause
  readonly detail: string
}
