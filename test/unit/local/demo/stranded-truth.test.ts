import { describe, expect, it } from 'vitest'
import { judgeStranded, type LyingRecords } from '../../../../local/demo/scenarios/stranded-truth.ts'

const lying = (...ids: readonly string[]): LyingRecords =>
  new Map(ids.map((id, offset) => [`orders-0 ${offset}`, { id, text: `all of ${id}` }]))

/** Two were replicated, two were acknowledged and stranded, one was never answered. */
const FACTS = {
  old: lying('a', 'b', 'c', 'd', 'e'),
  onNew: new Set(['a', 'b', 'z']),
  acknowledged: new Map(['a', 'b', 'c', 'd'].map((id, offset) => [id, `orders-0 ${offset}`])),
  exported: new Map([...lying('a', 'b', 'c', 'd', 'e')].slice(2)),
}
const NOTHING = { stranded: 3, acknowledged: 2, lost: 0, missing: 0, foreign: 0, altered: 0 }

const changed = (change: (exported: Map<string, { readonly id: string; readonly text: string }>) => unknown) => {
  const exported = new Map(FACTS.exported)
  change(exported)
  return judgeStranded({ ...FACTS, exported })
}

describe('what was exported of an old active cluster', () => {
  it('is all that the new one never got, and nothing else', () => {
    expect(judgeStranded(FACTS)).toEqual(NOTHING)
  })

  it.each([
    ['lacks a record that was acknowledged', 'orders-0 3', { lost: 1, missing: 1 }],
    ['lacks one that nobody was told of', 'orders-0 4', { missing: 1 }],
  ])('%s', (_what, place, wrong) => {
    expect(changed((exported) => exported.delete(place))).toEqual({ ...NOTHING, ...wrong })
  })

  it.each([
    ['has a record that was replicated', 'orders-0 1', { id: 'b', text: 'all of b' }, { foreign: 1 }],
    ['has one that never was', 'orders-0 9', { id: 'x', text: 'all of x' }, { foreign: 1 }],
    ['has another byte', 'orders-0 2', { id: 'c', text: 'all of C' }, { altered: 1 }],
    ['has another record at its place', 'orders-0 2', { id: 'd', text: 'all of d' }, { altered: 1, lost: 1 }],
  ])('%s', (_what, place, record, wrong) => {
    expect(changed((exported) => exported.set(place, record))).toEqual({ ...NOTHING, ...wrong })
  })

  it('cannot make up for a record that its cluster has forgotten', () => {
    const old = new Map([...FACTS.old].slice(0, 3))
    const exported = new Map([...FACTS.exported].slice(0, 1))
    expect(judgeStranded({ ...FACTS, old, exported })).toEqual({ ...NOTHING, stranded: 1, lost: 1 })
  })
})
