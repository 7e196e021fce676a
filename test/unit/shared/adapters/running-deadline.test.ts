import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startDeadline, startWithin } from '../../../../shared/adapters/running-deadline.ts'

describe('a deadline of a part', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000 }))
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['is its own where that comes first', 400, 1_400],
    ['is that of the whole where that comes first', 5_000, 1_900],
  ])('%s', (_which, ms, at) => {
    const whole = startDeadline(900)
    const part = startWithin(ms, whole)
    expect(part.at).toBe(at)
    vi.advanceTimersByTime(at - 1_000 - 1)
    expect(part.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(part.signal.aborted).toBe(true)
  })

  it('has passed at once when that of the whole has', () => {
    expect(startWithin(5_000, { at: 500, signal: new AbortController().signal }).at).toBe(1_000)
  })

  it('leaves no timer behind when it is ended', () => {
    startWithin(400, { at: 9_000, signal: new AbortController().signal }).end()
    expect(vi.getTimerCount()).toBe(0)
  })
})
