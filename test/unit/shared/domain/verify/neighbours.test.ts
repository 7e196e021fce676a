import { beforeEach, describe, expect, it } from 'vitest'
import { MOST_WAITING, NEIGHBOURS, Neighbours } from '../../../../../shared/domain/verify/neighbours.ts'
import { digestOf, type RecordDigest } from '../../../../../shared/domain/verify/record-digest.ts'
import { worded } from '../../../../support/verified-partition.ts'

const digest = (word: string, own = {}): RecordDigest =>
  digestOf({ offset: 0n, ...worded(word, own) }, { provenance: false })

let foreign: bigint[]
let duplicates: number
let neighbours: Neighbours
beforeEach(() => {
  foreign = []
  duplicates = 0
  neighbours = new Neighbours(
    () => duplicates++,
    (target) => void foreign.push(target),
  )
})

const pass = (count: number): void => {
  for (let at = 0; at < count; at++) neighbours.passSource(digest(`other ${at}`))
}

describe('records that no run covers', () => {
  it('are copies when their record comes within a batch', () => {
    neighbours.meetUncovered(5n, digest('a'))
    pass(NEIGHBOURS - 1)
    expect(neighbours.isWaiting).toBe(true)
    neighbours.passSource(digest('a'))
    expect([duplicates, foreign, neighbours.isWaiting]).toEqual([1, [], false])
  })

  it('are foreign when it does not', () => {
    neighbours.meetUncovered(5n, digest('a'))
    pass(10)
    neighbours.meetUncovered(6n, digest('b'))
    pass(NEIGHBOURS - 10)
    expect([duplicates, foreign, neighbours.isWaiting]).toEqual([0, [5n], true])
    neighbours.passSource(digest('b'))
    expect([duplicates, foreign]).toEqual([1, [5n]])
  })

  it('are copies when their record went by within a batch', () => {
    neighbours.passSource(digest('a'))
    pass(NEIGHBOURS - 1)
    neighbours.meetUncovered(5n, digest('a'))
    expect(duplicates).toBe(1)
    neighbours.passSource(digest('one more'))
    neighbours.meetUncovered(6n, digest('a'))
    neighbours.giveUp()
    expect([duplicates, foreign]).toEqual([1, [6n]])
  })

  it('are told by their timestamps too, unless the broker has set them', () => {
    neighbours.passSource(digest('a'))
    neighbours.meetUncovered(5n, digest('a', { timestamp: 7 }))
    neighbours.meetUncovered(6n, digest('a', { timestamp: 7, timestampIsBrokers: true }))
    neighbours.giveUp()
    expect([duplicates, foreign]).toEqual([1, [5n]])
  })

  it('are not kept without end', () => {
    for (let at = 0; at <= NEIGHBOURS; at++) neighbours.meetUncovered(BigInt(at), digest(`${at}`))
    expect(foreign).toEqual([0n])
  })

  it('are copies although a batch was appended again and again', () => {
    const batch = Array.from({ length: NEIGHBOURS }, (_, at) => digest(`${at}`))
    let target = 0n
    for (let attempt = 0; attempt < 3; attempt++) for (const record of batch) neighbours.meetUncovered(target++, record)
    for (const record of batch) neighbours.passSource(record)
    expect([duplicates, foreign.length]).toEqual([3 * NEIGHBOURS, 0])
  })

  it('are not kept without end when all are the same', () => {
    for (let at = 0; at <= MOST_WAITING; at++) neighbours.meetUncovered(BigInt(at), digest('a'))
    expect(foreign.length).toBeGreaterThan(0)
  })

  it('may be several copies of one record, or put back by an operator', () => {
    for (const target of [1n, 2n, 3n]) neighbours.meetUncovered(target, digest('a'))
    neighbours.passSource(digest('a'))
    expect(duplicates).toBe(3)
    neighbours.meetUncovered(4n, digest('back'))
    expect([neighbours.explain(digest('back')), neighbours.isWaiting]).toEqual([1, false])
  })
})
