/** What became of one right or quota; `planned` when nothing was to be changed. */
export interface AccessStepReport {
  /** For people, with its principal: `User:app: ALLOW READ on topic west.orders`. */
  readonly what: string
  /** Whom it is about on the target. */
  readonly principal: string
  readonly outcome: 'planned' | 'done' | 'failed' | 'skipped'
  /** Why it failed, or why it was not tried. */
  readonly error?: string
}

/** A right that the target shall have once it is promoted. */
export interface HeldRight {
  readonly what: string
  readonly principal: string
  /** What is granted of it meanwhile, as `READ`. */
  readonly meanwhile: readonly string[]
}

/** Something on the source that does not follow, and why not. */
export interface LeftOutRight {
  readonly what: string
  readonly because: string
  readonly detail: string
}

/** What a pass over the rights of a link did, or would do: plain JSON. */
export interface AccessReport {
  /** What the target is; `active` after a promotion. */
  readonly role: 'active' | 'standby'
  readonly granted: readonly AccessStepReport[]
  readonly revoked: readonly AccessStepReport[]
  readonly quotas: readonly AccessStepReport[]
  /** Entries of the registry whose right is gone. */
  readonly forgotten: readonly AccessStepReport[]
  /** Pending until the target is promoted. */
  readonly held: readonly HeldRight[]
  /** What the target had before us, and is never ours. */
  readonly alreadyThere: readonly string[]
  /** How many rights and quotas of ours were as they shall be. */
  readonly inStep: number
  readonly leftOut: readonly LeftOutRight[]
  /** What no call of Kafka's copies: IAM policies, passwords. */
  readonly notCopyable: readonly LeftOutRight[]
  /** What somebody should look at. */
  readonly troubles: readonly string[]
  /** Principals of the target of which a step failed, and what makes the whole plan doubtful. */
  readonly faulted: readonly string[]
}

/** What is not as planned, after a pass or before one. */
export const drift = ({ granted, revoked, quotas, forgotten }: AccessReport): number =>
  [...granted, ...revoked, ...quotas, ...forgotten].filter(({ outcome }) => outcome !== 'done').length
