import type { PollerState } from './poller-states.ts'
import { firstOffset, lastOffset, type RecordSlice, sliceCount } from './record-slice.ts'
import type { InvokeResult, Settled } from './verdict.ts'

/** Why an invocation was made; the last two only happen by fault. */
export type Why = 'first' | 'retry' | 'duplicate' | 'replay'

export interface DeliveredRange {
  readonly partition: number
  readonly first: number
  readonly last: number
  readonly count: number
}

/** What a poller did, told as it happens. Never carries bytes of records. */
export type Happening =
  | { readonly kind: 'state'; readonly state: PollerState }
  | {
      readonly kind: 'assigned'
      readonly poller: number
      readonly generation: number
      readonly partitions: readonly number[]
    }
  | {
      readonly kind: 'delivering'
      readonly event: number
      readonly attempt: number
      readonly why: Why
      readonly ranges: readonly DeliveredRange[]
      readonly bytes: number
    }
  /** `abandoned`: the poller had stopped waiting for it. */
  | {
      readonly kind: 'delivered'
      readonly event: number
      readonly attempt: number
      readonly why: Why
      readonly ranges: readonly DeliveredRange[]
      readonly result: InvokeResult['kind']
      readonly abandoned: boolean
      readonly tookMs: number
    }
  | { readonly kind: 'committed'; readonly offsets: readonly Settled[] }
  /** AWS leaves a record that is too large for any payload unprocessed and goes on behind it: this one is lost. */
  | { readonly kind: 'unprocessed'; readonly partition: number; readonly offset: number; readonly bytes: number }
  /** The attempts were used up, and there is no destination for failures: these records are lost. */
  | { readonly kind: 'discarded'; readonly ranges: readonly DeliveredRange[] }
  /** Where reading a partition begins: what the group committed, or else the starting position. */
  | { readonly kind: 'positioned'; readonly partition: number; readonly offset: number; readonly by: 'group' | 'start' }
  /** Retention took the records between. */
  | { readonly kind: 'position-reset'; readonly partition: number; readonly from: number; readonly to: number }
  | { readonly kind: 'problem'; readonly poller: number; readonly error: Error }

export type Observe = (happening: Happening) => void

export const rangeOf = (slice: RecordSlice): DeliveredRange => ({
  partition: slice.partition,
  first: firstOffset(slice),
  last: lastOffset(slice),
  count: sliceCount(slice),
})
