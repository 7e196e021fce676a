import { describe, expect, it } from 'vitest'
import { isJudged, resumption } from '../../../bench/groups/resumption.ts'

describe('how a group came through a move', () => {
  it.each([
    ['goes on where it was', [7, 8, 9], 7, { again: 0, skipped: 0 }],
    ['is set back', [4, 5, 6, 7], 7, { again: 3, skipped: 0 }],
    ['is set too far ahead', [9], 7, { again: 0, skipped: 2 }],
    ['had read all and gets nothing', [], 10, { again: 0, skipped: 0 }],
    ['had read all and gets the last ones again', [8, 9], 10, { again: 2, skipped: 0 }],
    ['gets nothing of what it had not read', [], 7, { again: 0, skipped: 3 }],
    ['gets some twice, as from copies', [5, 6, 5, 6, 7], 7, { again: 4, skipped: 0 }],
  ])('when it %s', (_how, numbers, unread, expected) => {
    expect(resumption(numbers, { unread, records: 10 })).toEqual(expected)
  })

  it.each([
    ['nothing was read', [], 7, false],
    ['only what it had read came', [5, 6], 7, false],
    ['the first unread record came', [5, 6, 7], 7, true],
    ['the last record came', [8, 9], 10, true],
  ])('is known or not when %s', (_what, numbers, unread, expected) => {
    expect(isJudged(numbers, { unread, records: 10 })).toBe(expected)
  })
})
