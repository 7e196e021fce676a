import { describe, expect, it } from 'vitest'
import type { KafkaMapping } from '../../../../local/poller/mapping.ts'
import { firstOffset, lastOffset, sliceCount } from '../../../../local/poller/record-slice.ts'
import {
  type InvokeResult,
  type Share,
  shareOf,
  splitShares,
  type Verdict,
  verdict,
} from '../../../../local/poller/verdict.ts'
import { kafkaMapping } from '../../../support/kafka-mapping.ts'
import { sliceFrom } from '../../../support/log-batches.ts'

const shares = [shareOf(sliceFrom(10, 10, 0)), shareOf(sliceFrom(40, 5, 1))]
const failed: InvokeResult = { kind: 'failed', reason: 'thrown' }
const succeeded = (response: unknown): InvokeResult => ({
  kind: 'succeeded',
  response: Buffer.from(typeof response === 'string' ? response : JSON.stringify(response)),
})
const failures = (...items: [string, number][]): InvokeResult =>
  succeeded({ batchItemFailures: items.map(([partition, offset]) => ({ itemIdentifier: { partition, offset } })) })

const outcome = (result: InvokeResult, mapping: Partial<KafkaMapping> = {}, attempt = 0): Verdict =>
  verdict(kafkaMapping(mapping), shares, result, attempt)

const ranges = (list: readonly Share[]): number[][] =>
  list.map(({ slice, end }) => [slice.partition, firstOffset(slice), lastOffset(slice), sliceCount(slice), end])

const wholeSettled = [
  { partition: 0, offset: 20 },
  { partition: 1, offset: 45 },
]

describe('verdict', () => {
  it('settles the offset after the last record of each partition on success, whatever the response says', () => {
    expect(outcome(failures(['orders-0', 10]))).toEqual({ kind: 'done', settled: wholeSettled })
  })

  it.each([failed, { kind: 'timed-out' } as const])('retries the whole batch without end after %o', (result) => {
    const next = outcome(result, {}, 1_000_000)
    expect(next).toMatchObject({ kind: 'retry', because: result.kind, settled: [] })
    expect(next.kind === 'retry' && next.shares).toBe(shares)
  })

  const reporting: Partial<KafkaMapping> = {
    functionResponseTypes: ['ReportBatchItemFailures'],
    provisionedPollers: { minimum: 1, maximum: 1 },
  }

  it.each(['', 'null', '{}', '{"batchItemFailures":[]}'])('takes the response %j for a whole success', (response) => {
    expect(outcome(succeeded(response), reporting).kind).toBe('done')
  })

  it('retries only the named records and settles what lies before them', () => {
    const next = outcome(failures(['orders-0', 13], ['orders-0', 15]), reporting)
    expect(next).toMatchObject({ kind: 'retry', because: 'item-failures' })
    expect(next.kind === 'retry' && next.settled).toEqual([
      { partition: 0, offset: 13 },
      { partition: 1, offset: 45 },
    ])
    expect(next.kind === 'retry' && ranges(next.shares)).toEqual([[0, 13, 15, 2, 20]])
  })

  it('settles nothing of a partition whose first record failed', () => {
    const next = outcome(failures(['orders-1', 40]), reporting)
    expect(next.kind === 'retry' && next.settled).toEqual([{ partition: 0, offset: 20 }])
  })

  it.each([
    'not json',
    '[]',
    '{"batchItemFailures":"x"}',
    '{"batchItemFailures":[{"itemIdentifier":{"partition":"orders-0"}}]}',
    '{"batchItemFailures":[{"itemIdentifier":{"partition":"orders-7","offset":1}}]}',
    '{"batchItemFailures":[{"itemIdentifier":{"partition":"orders-0","offset":99}}]}',
  ])('takes the response %j for a failure of the whole batch', (response) => {
    const next = outcome(succeeded(response), reporting)
    expect(next).toMatchObject({ kind: 'retry', because: 'response-malformed', settled: [] })
    expect(next.kind === 'retry' && next.shares).toBe(shares)
  })

  const limited: Partial<KafkaMapping> = { maximumRetryAttempts: 2, provisionedPollers: { minimum: 1, maximum: 1 } }

  it('gives up after the first attempt and the allowed retries, and goes on behind the batch', () => {
    expect(outcome(failed, limited, 1).kind).toBe('retry')
    expect(outcome(failed, limited, 2)).toEqual({ kind: 'give-up', settled: wholeSettled })
  })

  const bisecting: Partial<KafkaMapping> = { ...limited, bisectBatchOnFunctionError: true }

  it('halves a failed batch without using up an attempt', () => {
    const next = outcome(failed, bisecting, 2)
    expect(next.kind === 'bisect' && next.halves.map(ranges)).toEqual([
      [[0, 10, 17, 8, 18]],
      [
        [0, 18, 19, 2, 20],
        [1, 40, 44, 5, 45],
      ],
    ])
  })

  it('does not halve a single record', () => {
    const one = [shareOf(sliceFrom(3, 1))]
    expect(verdict(kafkaMapping(bisecting), one, failed, 0).kind).toBe('retry')
    expect(verdict(kafkaMapping(bisecting), one, failed, 2).kind).toBe('give-up')
  })
})

describe('splitShares', () => {
  it('keeps the end that a share had to settle beyond its records', () => {
    const [head, tail] = splitShares([{ slice: sliceFrom(10, 3), end: 20 }], 2)
    expect([ranges(head), ranges(tail)]).toEqual([[[0, 10, 11, 2, 12]], [[0, 12, 12, 1, 20]]])
    expect(ranges(splitShares([{ slice: sliceFrom(10, 3), end: 20 }], 3)[0])).toEqual([[0, 10, 12, 3, 20]])
  })
})
