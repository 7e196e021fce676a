/** How long to wait before a failed batch is delivered again. AWS documents a backoff without figures; these are ours. */
export interface RetrySchedule {
  readonly firstMs: number
  readonly factor: number
  readonly longestMs: number
}

export const DEFAULT_RETRY_SCHEDULE: RetrySchedule = { firstMs: 100, factor: 2, longestMs: 30_000 }

/** `attempt` counts from 0, so after the first attempt the wait is `firstMs`. */
export const retryDelayMs = ({ firstMs, factor, longestMs }: RetrySchedule, attempt: number): number =>
  Math.min(longestMs, firstMs * factor ** attempt)
