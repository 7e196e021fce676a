import { describe, expect, it } from 'vitest'
import { type DirectionFacts, whyDrillsRest, whyNotThisWay } from '../../../../../shared/domain/failover/direction.ts'
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
  sameNames: true,
  mayScrape: true,
  exactlyOnce: false,
  others: [],
  ...changes,
})

const BOTH_WAYS = {
  roles: {
    forward: { mode: 'forwarding', role: 'standby', epoch: 0 },
    reverse: { mode: 'forwarding', role: 'standby', epoch: 0 },
  },
} as const

describe('what is to become of the tail', () => {
  it.each<[string, TailChoice, Partial<DirectionFacts>, string]>([
    ['would be there twice', 'merge', { returns: true }, 'merged records would be copied back to west'],
    [
      'never came back',
      'scrape',
      { hasReverse: false },
      'scraped topics of west would stay empty, since no link leads',
    ],
    [
      'came back as others',
      'scrape',
      { sameNames: false },
      'scraped topics of west would stay empty, since what comes',
    ],
    [
      'goes on where it was',
      'scrape',
      { exactlyOnce: true },
      'nothing is scraped on west: the link back is exactly once',
    ],
    ['is mixed with others', 'scrape', BOTH_WAYS, 'nothing is scraped on west: the link back is forwarding already'],
    ['is read by others', 'scrape', { others: ['west-south'] }, 'nothing is scraped on west: west-south would lose'],
    ['is not to be deleted', 'scrape', { mayScrape: false }, 'no mayScrape: true in the topology'],
  ])('is refused where it %s', (_why, tail, changes, words) => {
    expect(whyNotThisWay(facts(tail, changes))).toContain(words)
  })

  it.each<[TailChoice, Partial<DirectionFacts>]>([
    ['export', { returns: true }],
    ['discard', { returns: true }],
    ['scrape', {}],
    ['scrape', { returns: true }],
    ['scrape', { roles: { ...BOTH_WAYS.roles, reverse: { mode: 'stopped', role: 'active', epoch: 0 } } }],
    ['merge', {}],
    ['merge', { hasReverse: false }],
    ['merge', { returns: true, input: { mode: 'planned', force: false, tail: 'merge' } }],
  ])('may be to %s', (tail, changes) => {
    expect(whyNotThisWay(facts(tail, changes))).toBeUndefined()
  })
})

describe('drills', () => {
  const input = { mode: 'drill', force: false, tail: 'export' } as const
  const active = { forward: { mode: 'stopped', role: 'active', epoch: 3 } } as const

  it('rest while there is nothing to practise, and say until when', () => {
    const because = 'east is the active cluster: drills of a failover to it rest until west is'
    expect(whyDrillsRest(facts('export', { input, roles: active }))).toBe(because)
    expect(whyDrillsRest(facts('export', { input, initially: 'to' }))).toBe(because)
  })

  it('go on where the other cluster is active, as everything that is no drill is judged as ever', () => {
    expect(whyDrillsRest(facts('export', { input }))).toBeUndefined()
    const later = { ...active, reverse: { mode: 'stopped', role: 'active', epoch: 4 } } as const
    expect(whyDrillsRest(facts('export', { input, roles: later }))).toBeUndefined()
    expect(whyDrillsRest(facts('export', { roles: active }))).toBeUndefined()
    expect(whyNotThisWay(facts('export', { roles: active }))).toContain('active cluster already')
  })
})
