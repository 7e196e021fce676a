import type { Clock, Deadline } from '../ports.ts'

/** For what may well not answer: no longer than so much of the time there is. */
export const brief = (deadline: Deadline, ms: number, { clock }: { readonly clock: Clock }): Deadline => ({
  at: Math.min(deadline.at, clock.now() + ms),
  signal: AbortSignal.any([deadline.signal, AbortSignal.timeout(ms)]),
})
