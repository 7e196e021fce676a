/** What AWS (or, where it does not say, this poller) sets as limits and defaults of a Kafka event source. */
export const POLLER_LIMITS = {
  payloadBytes: {
    value: 6 * 1024 * 1024,
    unit: 'bytes',
    because: 'AWS: the largest payload of a synchronous invocation',
  },
  batchSize: { value: 100, unit: 'records', because: 'AWS: the default BatchSize' },
  largestBatchSize: { value: 10_000, unit: 'records', because: 'AWS: the largest BatchSize' },
  windowMs: { value: 500, unit: 'ms', because: 'AWS: the window when none is set; cannot be set again later' },
  longestWindowMs: { value: 300_000, unit: 'ms', because: 'AWS: the longest MaximumBatchingWindowInSeconds' },
  mostRetryAttempts: { value: 10_000, unit: 'attempts', because: 'AWS: the largest MaximumRetryAttempts' },
  mostMinimumPollers: { value: 200, unit: 'pollers', because: 'AWS: the largest MinimumPollers' },
  mostMaximumPollers: { value: 2_000, unit: 'pollers', because: 'AWS: the largest MaximumPollers' },
  provisionedInvocations: {
    value: 5,
    unit: 'at once',
    because: 'AWS: concurrent invocations of one provisioned poller',
  },
  onDemandInvocations: { value: 1, unit: 'at once', because: 'ours: AWS names none, and scales by pollers instead' },
  bufferedBytes: { value: 6 * 1024 * 1024, unit: 'bytes', because: 'ours: one whole event of a partition read ahead' },
  fetchBytes: { value: 32 * 1024 * 1024, unit: 'bytes', because: 'ours: bounds the memory of one fetch' },
  partitionFetchBytes: {
    value: 1024 * 1024,
    unit: 'bytes',
    because: 'Kafka: max.partition.fetch.bytes of the Java client',
  },
} as const satisfies Record<string, { value: number; unit: string; because: string }>
