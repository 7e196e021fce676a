import type { FailoverOrder } from './failover-order.ts'

/** What a fence belongs to: which failover, and which clusters of which pair, by their names in the topology. */
export interface FenceCause {
  readonly pair: string
  readonly from: string
  readonly to: string
  readonly epoch: number
  readonly execution: string
  /** When the execution was started, milliseconds since 1970. */
  readonly startedAt: number
}

export const fenceCause = (
  { pair, from, to }: Pick<FailoverOrder, 'pair' | 'from' | 'to'>,
  failover: Pick<FenceCause, 'epoch' | 'execution' | 'startedAt'>,
): FenceCause => ({ pair, from: from.cluster, to: to.cluster, ...failover })
