import { describe, expect, it } from 'vitest'
import { fetchedBatches, visibleBatches } from '../../../../local/poller/fetched-batches.ts'
import { endMarker, logBatch } from '../../../support/log-batches.ts'

const TRANSACTIONAL = 16

const transactional = (baseOffset: number, producerId: bigint, count = 1): Buffer =>
  logBatch({ baseOffset, producerId, attributes: TRANSACTIONAL, records: Array.from({ length: count }, () => ({})) })

const visibleOffsets = (
  log: readonly Buffer[],
  aborted: readonly { producerId: bigint; firstOffset: bigint }[],
): number[] => visibleBatches(fetchedBatches(Buffer.concat(log)), aborted).map(({ baseOffset }) => baseOffset)

describe('fetchedBatches', () => {
  it('leaves out the last batch when the broker cut it off, wherever it did', () => {
    const first = logBatch({ baseOffset: 0, records: [{}, {}] })
    const second = logBatch({ baseOffset: 2, records: [{ value: Buffer.alloc(50) }] })
    const whole = Buffer.concat([first, second])
    for (let length = first.length; length < whole.length; length++) {
      expect(fetchedBatches(whole.subarray(0, length)).map(({ lastOffset }) => lastOffset)).toEqual([1])
    }
    expect(fetchedBatches(whole).map(({ lastOffset }) => lastOffset)).toEqual([1, 2])
  })

  it('refuses a message format that it does not know', () => {
    const batch = logBatch({ baseOffset: 5, records: [{}] })
    batch.writeInt8(1, 16)
    expect(() => fetchedBatches(batch)).toThrow(/offset 5: message format 1/)
  })
})

describe('visibleBatches', () => {
  const log = [
    transactional(0, 1n),
    endMarker(1, 1n, 'abort'),
    transactional(2, 1n),
    transactional(3, 2n),
    logBatch({ baseOffset: 4, records: [{}] }),
    endMarker(5, 1n, 'abort'),
    endMarker(6, 2n, 'commit'),
    transactional(7, 1n),
    endMarker(8, 1n, 'commit'),
  ]
  const aborted = [
    { producerId: 1n, firstOffset: 2n },
    { producerId: 1n, firstOffset: 0n },
  ]

  it('hides both aborted transactions of one producer and keeps its committed one', () => {
    expect(visibleOffsets(log, aborted)).toEqual([3, 4, 7])
  })

  it('hides aborted records whose marker is not fetched yet', () => {
    expect(visibleOffsets(log.slice(2, 5), aborted.slice(0, 1))).toEqual([3, 4])
  })

  it('shows aborted records to who reads uncommitted, and markers to nobody', () => {
    expect(visibleOffsets(log, [])).toEqual([0, 2, 3, 4, 7])
  })
})
