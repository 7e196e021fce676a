import { describe, expect, it } from 'vitest'
import type { GroupPassFigures } from '../../../bench/groups/group-pass-server.ts'
import { type GroupResults, reportGroups } from '../../../bench/groups/groups-report.ts'
import type { MovedLag } from '../../../bench/groups/moved-lag.ts'

const OURS = 'ours'

const moved = (lag: number, again: number): MovedLag => ({ lag, partitions: [{ again, skipped: 0 }], nowhere: 0 })

const pass = (own: Partial<GroupPassFigures> = {}): GroupPassFigures => ({
  seconds: 1,
  cpuSeconds: 1,
  groupsMoved: 0,
  positionsMoved: 0,
  faulted: 0,
  troubles: [],
  requests: { OffsetFetch: 2 },
  peakMemoryBytes: 100 * 1024 ** 2,
  ...own,
})

const scale = (groups: number, requests: number) => ({
  groups,
  first: pass({ positionsMoved: groups * 20, requests: { OffsetFetch: requests } }),
  steady: pass({ requests: { OffsetFetch: requests } }),
  again: pass({ positionsMoved: groups * 20, requests: { OffsetFetch: requests } }),
})

const RESULTS: GroupResults = {
  ours: OURS,
  rereads: [
    { kind: 'plain', contestant: OURS, rounds: [[moved(0, 0), moved(10, 0)]] },
    { kind: 'plain', contestant: 'theirs', rounds: [[moved(0, 3), moved(10, 84)], [moved(0, 5)]] },
  ],
  freshness: new Map([
    [OURS, [{ first: 1, next: 2 }]],
    ['theirs', [{ first: 7, next: undefined }]],
  ]),
  scales: [scale(50, 10), scale(500, 100)],
}

const targetsOf = (results: GroupResults) => reportGroups(results, []).targets.filter(({ held }) => !held)

describe('the report on moved groups', () => {
  it('shows both side by side, a row for each lag', () => {
    const [reread, freshness] = reportGroups(RESULTS, []).tables
    expect(reread?.columns).toEqual(['topic and lag', OURS, 'theirs'])
    expect(reread?.rows).toEqual([
      ['plain, 0 behind', '0', '3 to 5'],
      ['plain, 10 behind', '0', '84'],
    ])
    expect(freshness?.rows).toEqual([
      [OURS, '1.00', '2.00'],
      ['theirs', '7.00', 'not in time: 1 of 1'],
    ])
  })

  it('holds its targets when ours are 0 in every row and many groups need no more than their share', () => {
    expect(targetsOf(RESULTS)).toEqual([])
  })

  it.each([
    ['ours read one again', { rereads: [{ kind: 'plain', contestant: OURS, rounds: [[moved(10, 1)]] }] }, /again/],
    ['ours were not measured', { rereads: RESULTS.rereads.slice(1) }, /again/],
    ['requests grow faster than groups', { scales: [scale(50, 10), scale(500, 101)] }, /in times of/],
    [
      'a pass takes longer than its minute',
      { scales: [{ ...scale(500, 10), steady: pass({ seconds: 61 }) }] },
      /^s the longest/,
    ],
    [
      'it takes more than its memory',
      { scales: [{ ...scale(500, 10), again: pass({ positionsMoved: 10_000, peakMemoryBytes: 513 * 1024 ** 2 }) }] },
      /^peak MiB/,
    ],
    [
      'not all was moved',
      { scales: [{ ...scale(500, 10), again: pass({ positionsMoved: 9_999 }) }] },
      /^positions moved/,
    ],
  ] as const)('misses one when %s', (_what, own, expected) => {
    expect(targetsOf({ ...RESULTS, ...own } as GroupResults).map(({ what }) => what)).toEqual([
      expect.stringMatching(expected),
    ])
  })
})
