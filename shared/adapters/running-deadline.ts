import { setTimeout as pause } from 'node:timers/promises'
import type { Deadline } from '../usecases/ports.ts'

/** A deadline with a timer behind it; a frozen sandbox must hold no timer, so whoever starts one ends it. */
export interface RunningDeadline extends Deadline {
  end(): void
}

export const startDeadline = (afterMs: number): RunningDeadline => {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), afterMs)
  return { at: Date.now() + afterMs, signal: controller.signal, end: () => clearTimeout(timer) }
}

/** Resolves to whether the time has passed before the deadline. */
export const rest = async (ms: number, { signal }: Deadline): Promise<boolean> => {
  if (ms <= 0) return !signal.aborted
  return pause(ms, true, { signal }).catch(() => false)
}
