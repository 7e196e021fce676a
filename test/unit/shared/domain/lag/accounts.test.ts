import { describe, expect, it } from 'vitest'
import type { Gap } from '../../../../../shared/domain/head.ts'
import {
  accountOf,
  accountsOf,
  countRuns,
  NOTHING_COUNTED,
  type TopicAccount,
} from '../../../../../shared/domain/lag/accounts.ts'

const gap = (kind: Gap['kind'], from: bigint, to: bigint, more: Partial<Gap> = {}): Gap => ({
  ...{ incarnation: 'one', from, to, kind, reason: 'why', at: 5, ...more },
})
const account = (gaps: readonly Gap[]) => accountOf(gaps, NOTHING_COUNTED, { isShared: false })

describe('what an offset map tells of target records that it does not cover', () => {
  it('is what lies between replicated runs; looped ones take no place there', () => {
    const runs = [
      { source: 0n, target: 100n, length: 3n },
      { source: 5n, target: 103n, length: 4n, looped: true as const },
      { source: 9n, target: 110n, length: 2n },
    ]
    const whole = { end: 112n, uncovered: 7n, looped: 4n }
    expect(countRuns(NOTHING_COUNTED, runs)).toEqual(whole)
    expect(countRuns(countRuns(NOTHING_COUNTED, runs.slice(0, 1)), runs.slice(1))).toEqual(whole)
  })
})

describe('the account of a partition', () => {
  it('has offsets by what became of them, each once, and when the newest was found', () => {
    const gaps = [
      gap('lost', 10n, 20n),
      gap('lost', 15n, 22n, { at: 7 }),
      gap('lost', 12n, 13n, { incarnation: 'other' }),
      gap('quarantined', 30n, 31n, { at: 6 }),
      gap('quarantined', 40n, 42n, { replayedAt: 9 }),
      gap('filtered', 50n, 51n),
      gap('looped', 60n, 62n),
    ]
    const counts = { lost: 13, quarantined: 1, filtered: 1, looped: 2, replayed: 2 }
    expect(account(gaps)).toEqual({ ...counts, lostAt: 7, quarantinedAt: 6, uncovered: 0 })
  })

  it('has what came from the target by its map, and nothing of the target where others write there', () => {
    const map = { uncovered: 3n, looped: 4n, atLeast: true } as const
    expect(accountOf([], map, { isShared: false })).toMatchObject({ looped: 4, uncovered: 3, atLeast: true })
    expect(accountOf([], map, { isShared: true })).not.toHaveProperty('uncovered')
  })
})

describe('the accounts of a link', () => {
  it('are the sum, and those of its topics of which there is something to tell, most first', () => {
    const of = (topic: string, gaps: readonly Gap[]): TopicAccount => ({ topic, ...account(gaps) })
    const { link, topics, at } = accountsOf(
      [
        of('quiet', []),
        of('orders', [gap('lost', 0n, 2n, { at: 3 })]),
        of('bills', [gap('quarantined', 0n, 9n)]),
        of('orders', [gap('lost', 0n, 1n, { at: 8 })]),
      ],
      99,
    )
    expect([at, link]).toMatchObject([99, { lost: 3, quarantined: 9, lostAt: 8 }])
    expect(topics.map(({ topic, lost, quarantined }) => [topic, lost, quarantined])).toEqual([
      ['bills', 0, 9],
      ['orders', 3, 0],
    ])
  })

  it('have so many topics as a person reads', () => {
    const many = Array.from({ length: 300 }, (_, at) => ({ topic: `t${at}`, ...account([gap('lost', 0n, 1n)]) }))
    const { link, topics } = accountsOf(many, 1)
    expect([topics.length, link.lost]).toEqual([100, 300])
  })
})
