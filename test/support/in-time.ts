import type { Deadline } from '../../shared/usecases/ports.ts'

/** A deadline that no healthy test meets. */
export const inTime = (ms = 20_000): Deadline => ({ at: Date.now() + ms, signal: AbortSignal.timeout(ms) })
