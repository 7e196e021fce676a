import { setTimeout as pause } from 'node:timers/promises'
import type { Deadline, StartedDeadline } from '../usecases/ports.ts'

/** With a timer behind it, and a frozen sandbox must hold no timer: whoever starts one ends it. */
export const startDeadline = (afterMs: number): StartedDeadline => {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), afterMs)
  return { at: Date.now() + afterMs, signal: controller.signal, end: () => clearTimeout(timer) }
}

/** A part of what is to be done until `deadline`: so far from now, and never beyond that. */
export const startWithin = (ms: number, { at }: Deadline): StartedDeadline =>
  startDeadline(Math.max(0, Math.min(ms, at - Date.now())))

/** Resolves to whether the time has passed before the deadline. */
export const rest = async (ms: number, { signal }: Deadline): Promise<boolean> => {
  if (ms <= 0) return !signal.aborted
  return pause(ms, true, { signal }).catch(() => false)
}
