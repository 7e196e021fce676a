import type { PartitionOutcome } from '../../shared/domain/outcome.ts'

/** Requests to the clusters, as Kafka names them. */
export type KafkaCall =
  | 'InitProducerId'
  | 'OffsetFetch'
  | 'AddPartitionsToTxn'
  | 'Produce'
  | 'AddOffsetsToTxn'
  | 'TxnOffsetCommit'
  | 'EndTxn'

/**
 * Where the function dies: at a call of one of its ports (`begin`: the first `advance` of a partition), at a request to a
 * cluster, or (`answer`) when all is done but the poller not told.
 */
export interface KillPoint {
  readonly call:
    | KafkaCall
    | 'read'
    | 'describe'
    | 'begin'
    | 'append'
    | 'keep'
    | 'recordGap'
    | 'seal'
    | 'advance'
    | 'answer'
  readonly when: 'before' | 'after'
}

export interface PlainError {
  readonly code: string
  readonly message: string
}

export type ReportedOutcome = Omit<PartitionOutcome, 'error'> & { readonly error?: PlainError }

export type ToWorker =
  | { readonly kind: 'arm'; readonly killPoint: KillPoint }
  | { readonly kind: 'invoke'; readonly id: number; readonly payload: Uint8Array; readonly timeoutMs: number }

export type FromWorker =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'report'
      readonly outcomes: readonly ReportedOutcome[]
      readonly malformed: readonly (PlainError & { readonly where: string })[]
    }
  | { readonly kind: 'succeeded'; readonly id: number }
  | ({ readonly kind: 'failed'; readonly id: number } & PlainError)
