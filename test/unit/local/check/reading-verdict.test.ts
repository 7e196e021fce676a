import { describe, expect, it } from 'vitest'
import { countedIds, judgeReading } from '../../../../local/check/reading-verdict.ts'

const WRITTEN = new Set(['a', 'b', 'c'])
const FLAWLESS = { readTwice: 0, copies: 0, skipped: 0, strange: 0 }

describe('what a moved consumer saw', () => {
  it.each([
    ['all once, in whatever order', ['c', 'a', 'b'], {}],
    ['one on both sides', ['a', 'b', 'b', 'c'], { readTwice: 1 }],
    ['one three times', ['a', 'b', 'b', 'b', 'c'], { readTwice: 2 }],
    ['not all', ['a', 'c'], { skipped: 1 }],
    ['nothing', [], { skipped: 3 }],
    ['something that nobody wrote', ['a', 'b', 'c', 'd'], { strange: 1 }],
  ])('is judged: %s', (_what, seen, expected) => {
    expect(judgeReading(seen, WRITTEN)).toEqual({ ...FLAWLESS, ...expected })
  })

  it.each([
    ['each of two copies', ['a', 'b', 'b', 'c'], { copies: 1 }],
    ['one of two copies', ['a', 'b', 'c'], {}],
    ['two copies three times', ['a', 'b', 'b', 'b', 'c'], { copies: 1, readTwice: 1 }],
    ['neither copy', ['a', 'c'], { skipped: 1 }],
    ['another one twice', ['a', 'a', 'b', 'c'], { readTwice: 1 }],
  ])('counts copies that are on the replica apart: %s', (_what, seen, expected) => {
    const copied = countedIds(['a', 'b', 'c', 'b'])
    expect(judgeReading(seen, WRITTEN, copied)).toEqual({ ...FLAWLESS, ...expected })
  })
})
