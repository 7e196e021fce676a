import { describe, expect, it } from 'vitest'
import { inRequests } from '../../../../../shared/adapters/kafka/request-load.ts'

const topics = (...records: number[]): ReadonlyMap<string, number> =>
  new Map(records.map((count, index) => [`t${index}`, count]))

const cut = (records: readonly number[], most: number): number[][] =>
  inRequests(topics(...records), { topics: most, records: (count) => count }).map((request) => [...request.values()])

describe('a request about many topics', () => {
  it.each([
    ['nothing', [], 3, []],
    ['as many topics as fit', [1, 1, 1], 3, [[1, 1, 1]]],
    ['one more', [1, 1, 1, 1], 3, [[1, 1, 1], [1]]],
    ['as many records as fit', [2_500, 2_500, 1], 9, [[2_500, 2_500], [1]]],
    ['a topic that is too much', [1, 9_999, 1], 9, [[1], [9_999], [1]]],
  ])('is cut into ones that a cluster takes: %s', (_what, records, most, expected) => {
    expect(cut(records, most)).toEqual(expected)
  })
})
