/** The command line cannot be understood; the message says why, and the usage follows it. */
export class UsageError extends Error {}

/** Also what `parseArgs` throws. */
export const isUsageError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
