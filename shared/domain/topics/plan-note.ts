/**
 * What a plan says besides its steps. `fault`: the topic stands until somebody acts; `warning`: somebody should look;
 * `pending`: passes by itself.
 */
export interface PlanNote {
  readonly severity: 'fault' | 'warning' | 'pending'
  readonly because: NoteReason
  /** A topic of the source, or a pattern. */
  readonly about: string
  readonly detail: string
}

export type NoteReason =
  | 're-created'
  | 'renamed'
  | 'undescribed'
  | 'settings-unknown'
  | 'setting-untold'
  | 'compaction-waits'
  | 'more-partitions'
  | 'replication-capped'
  | 'restarting'
  | 'source-lags'
  | 'source-deleted'
  | 'source-shows-nothing'
  | 'named-topic-missing'
  | 'mapping-missing'
  | 'pattern-without-topic'

/** To spread into the list of all. */
export const noteIf = (
  so: boolean,
  severity: PlanNote['severity'],
  because: NoteReason,
  about: string,
  detail: string,
): readonly PlanNote[] => (so ? [{ severity, because, about, detail }] : [])
