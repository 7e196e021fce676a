import { describe, expect, it } from 'vitest'
import type { RecordStream } from '../../../../local/corpus/record-stream.ts'
import { offences, WaitingRecords } from '../../../../local/demo/scenarios/lag-truth.ts'
import type { LagSample } from '../../../../local/demo/scenarios/sampled-lag.ts'

const STREAM: RecordStream = { written: 12, ended: Promise.resolve(), stop: () => Promise.resolve() }
const INTERVAL_MS = 2_000

describe('what a sample of the lag may say', () => {
  it.each([
    ['as many records and seconds as there can be at least', 10, 5.2, 0],
    ['as many as there can be at most', 17, 8.9, 0],
    ['a record too few', 9, 6, 1],
    ['a record too many', 18, 6, 1],
    ['too few seconds', 12, 4.5, 1],
    ['more than an interval too many, and a record', 18, 11, 2],
  ])('is checked: %s', async (_what, records, seconds, wrong) => {
    const waiting = await WaitingRecords.of(() => STREAM)
    const askedAt = Date.now() + 5_000
    const sample: LagSample = { askedAt, answeredAt: askedAt + 2_000, records, seconds, raised: [], cleared: [] }
    const truth = waiting.truth(sample, { least: 10, most: 17 }, INTERVAL_MS)
    expect(offences(sample, truth)).toHaveLength(wrong)
  })
})
