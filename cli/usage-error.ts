/** The command line cannot be understood; the message says why, and the usage follows it. */
export class UsageError extends Error {}
