import { describe, expect, it } from 'vitest'
import { type DirectionFacts, whyNotThisWay } from '../../../../../shared/domain/failover/direction.ts'
import type { TailChoice } from '../../../../../shared/domain/failover/failover-input.ts'

const facts = (tail: TailChoice, changes: Partial<DirectionFacts> = {}): DirectionFacts => ({
  input: { mode: 'unplanned', force: false, tail },
  roles: { forward: { mode: 'forwarding', role: 'standby', epoch: 0 } },
  lock: { reserved: 0 },
  pending: [],
  from: 'west',
  to: 'east',
  initially: 'from',
  hasReverse: true,
  returns: false,
  ...changes,
})

describe('what is to become of the tail', () => {
  it.each<[string, TailChoice, Partial<DirectionFacts>, string]>([
    ['nothing comes back after', 'scrape', { hasReverse: false }, 'no link leads back'],
    ['nothing comes back after, for provenance', 'scrape', {}, 'the link back has provenance'],
    [
      'groups would be lost after',
      'scrape',
      { returns: true },
      'groups would resume on west where scraped records were',
    ],
    ['would be there twice', 'merge', { returns: true }, 'merged records would be copied back to west'],
  ])('is refused where it %s', (_why, tail, changes, words) => {
    expect(whyNotThisWay(facts(tail, changes))).toContain(words)
  })

  it.each<[TailChoice, Partial<DirectionFacts>]>([
    ['export', { returns: true }],
    ['discard', { returns: true }],
    ['merge', {}],
    ['merge', { hasReverse: false }],
    ['scrape', { input: { mode: 'planned', force: false, tail: 'scrape' } }],
  ])('may be to %s', (tail, changes) => {
    expect(whyNotThisWay(facts(tail, changes))).toBeUndefined()
  })
})
