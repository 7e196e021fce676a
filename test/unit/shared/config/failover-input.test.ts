import { describe, expect, it } from 'vitest'
import { parseFailoverInput } from '../../../../shared/config/failover-input.ts'

const parse = (tail?: unknown) =>
  parseFailoverInput(
    { mode: 'unplanned', reason: 'a test', who: 'vitest', ...(tail !== undefined && { tail }) },
    { tail: 'discard' },
  )

describe('what is to become of a stranded tail', () => {
  it('is what the topology says, where nothing else is asked for', () => {
    expect(parse().tail).toBe('discard')
  })

  it.each(['export', 'merge', 'discard', 'scrape'] as const)('is %s', (tail) => {
    expect(parse(tail).tail).toBe(tail)
  })

  it.each([
    ['what nobody knows', 'keep', /input\.tail: keep is nothing that can be done with it; choose export/],
    ['nothing', null, /input\.tail: null is nothing/],
  ])('is not %s', (_what, tail, why) => {
    expect(() => parse(tail)).toThrow(why)
  })

  it.each(['planned', 'failback', 'drill'] as const)('empties nothing when it is %s', (mode) => {
    const input = { mode, reason: 'a test', who: 'vitest', tail: 'scrape' }
    expect(() => parseFailoverInput(input, { tail: 'export' })).toThrow(`nothing is emptied after a ${mode} failover`)
  })
})
