/** For so long a function that makes a pass every minute may run: it ends before the next pass begins. */
export const PASS_TIMEOUT_MS = 55_000
