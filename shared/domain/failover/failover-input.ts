/** `drill`: all of it but its effects; `failback`: a planned failover in the other direction, once its debts are settled. */
export const FAILOVER_MODES = ['planned', 'unplanned', 'failback', 'drill'] as const
export type FailoverMode = (typeof FAILOVER_MODES)[number]

/** Where consumer groups resume. `mapped`: by the offset map, where they were. `timestamp`: milliseconds since 1970. */
export type Positions =
  | { readonly kind: 'mapped' | 'earliest' | 'latest' }
  | { readonly kind: 'timestamp'; readonly at: number }

/** What becomes of records that the old active cluster took and the new one never got. */
export const TAIL_CHOICES = ['export', 'merge', 'discard', 'scrape'] as const
export type TailChoice = (typeof TAIL_CHOICES)[number]

/** A choice as somebody wrote it, or what is wrong with it and what can be chosen. */
export type TailChoiceReading =
  | { readonly choice: TailChoice }
  | { readonly choice?: never; readonly mistake: { readonly reason: string; readonly remedy: string } }

export const readTailChoice = (written: unknown): TailChoiceReading => {
  const choice = TAIL_CHOICES.find((one) => one === written)
  if (choice !== undefined) return { choice }
  return { mistake: { reason: `${written} is nothing that can be done with it`, remedy: CHOICES } }
}

const CHOICES =
  'choose export (kept in S3, and left where it is), merge (then both clusters have every record), discard (left where it is) or scrape (kept in S3, then the old cluster is emptied and filled again from the new one)'

/** What is deleted is deleted since somebody said so when it was failed over, never since it was written long ago. */
export const SCRAPE_BY_DEFAULT = {
  reason: 'scrape empties a cluster, and is no default',
  remedy: 'choose export, merge or discard here, and scrape when an unplanned failover is started (--tail scrape)',
}

/** What may be, at most, for a failover to go on. */
export interface FailoverLimits {
  /** Records behind when a planned failover begins: the drain has to bring them while nobody may write. */
  readonly lagRecords: number
  readonly lagSeconds: number
  /** Records that an unplanned failover may lose. */
  readonly lostRecords: number
}

/** What somebody asks for when starting an execution, checked and complete. */
export interface FailoverInput {
  readonly mode: FailoverMode
  /** For people, and kept in the report. */
  readonly reason: string
  readonly who: string
  readonly limits: Partial<FailoverLimits>
  readonly positions: Positions
  readonly tail: TailChoice
  /** Goes on although checks that allow it say no; the report says so. */
  readonly force: boolean
  /** The hash of a preflight report that somebody has read and approved beforehand. */
  readonly approved?: string
  /** Ends after the preflight, whatever it says: what is to be approved can be read before anybody is asked. */
  readonly dryRun?: boolean
}

/** Whether anything but the ledger of the execution may be changed. */
export const hasEffects = ({ mode, dryRun }: Pick<FailoverInput, 'mode' | 'dryRun'>): boolean =>
  mode !== 'drill' && dryRun !== true
