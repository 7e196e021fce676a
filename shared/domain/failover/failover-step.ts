/** The steps of a failover, in their order. `promote` is the point of no return: before it all is undone, after it nothing. */
export const FAILOVER_STEPS = [
  'validate',
  'lock',
  'preflight',
  'gate',
  'approve',
  'fence',
  'prove',
  'drain',
  'groups',
  'stop',
  'boundary',
  'promote',
  'switch',
  'verify',
  'reverse',
  'report',
] as const
export type FailoverStep = (typeof FAILOVER_STEPS)[number]

/** What undoes a failover that did not reach its point of no return, what asks an operator after it, and what ends one. */
export const CLOSING_STEPS = ['rollback', 'hold', 'release'] as const
export type ClosingStep = (typeof CLOSING_STEPS)[number]

export type AnyStep = FailoverStep | ClosingStep

/**
 * What a step answers to the state machine, which knows nothing else. `again`: not yet, and nothing is wrong; it is called
 * again in a while. `refused`: it will not become true by itself, and `message` says what to check.
 */
export interface StepAnswer {
  readonly outcome: 'done' | 'again' | 'refused'
  /** For people: what was done, or what is awaited, or why not. */
  readonly message: string
  /** What the state machine itself decides by: the hash of a preflight, whether approval is needed. */
  readonly data?: Readonly<Record<string, string | number | boolean>>
}

/** What the ledger of an execution keeps of a step. */
export interface StepRecord {
  readonly step: AnyStep
  /** From 1 on, see `StepCall`. */
  readonly attempt: number
  readonly outcome: StepAnswer['outcome'] | 'failed'
  readonly message: string
  /** Milliseconds since 1970: when it was called for the first time, and when it last answered. */
  readonly startedAt: number
  readonly endedAt: number
  /** That have answered. One that is refused before the step itself is called is none as long as nothing was begun. */
  readonly calls: number
  /** What it answered to the state machine beside the message. */
  readonly answered?: StepAnswer['data']
  /** What later steps and the report need: plain JSON, offsets as decimal digits. */
  readonly data: Readonly<Record<string, unknown>>
}

/** Whether the step itself was ever called: a refusal without a call only says why it might not be. */
export const wasBegun = (record: Pick<StepRecord, 'outcome' | 'calls'> | undefined): boolean =>
  record !== undefined && (record.outcome !== 'refused' || record.calls > 0)

/** What a record is kept under: each attempt at a step is another one. */
export const recordName = ({ step, attempt }: Pick<StepRecord, 'step' | 'attempt'>): string =>
  attempt === 1 ? step : `${step}#${attempt}`
