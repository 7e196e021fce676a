import { partitionName } from '../../shared/domain/record.ts'
import type { KafkaMapping } from './mapping.ts'
import { firstOffset, lastOffset, pickFromSlice, type RecordSlice, sliceCount, splitSlice } from './record-slice.ts'

export type InvokeResult =
  | { readonly kind: 'succeeded'; readonly response: Buffer }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'timed-out' }

/** Records of one partition to be delivered, and the offset to commit when all of them succeeded. */
export interface Share {
  readonly slice: RecordSlice
  readonly end: number
}

/** Everything before `offset` of the partition is done. */
export interface Settled {
  readonly partition: number
  readonly offset: number
}

export type Verdict =
  | { readonly kind: 'done'; readonly settled: readonly Settled[] }
  /** Deliver `shares` (again), after the parts before them were settled. */
  | {
      readonly kind: 'retry'
      readonly because: 'failed' | 'timed-out' | 'item-failures' | 'response-malformed'
      readonly settled: readonly Settled[]
      readonly shares: readonly Share[]
    }
  /** Deliver the halves on their own, the first one until it succeeds. */
  | { readonly kind: 'bisect'; readonly halves: readonly [readonly Share[], readonly Share[]] }
  /** The attempts are used up; AWS discards the records and goes on behind them. */
  | { readonly kind: 'give-up'; readonly settled: readonly Settled[] }

export const shareOf = (slice: RecordSlice): Share => ({ slice, end: lastOffset(slice) + 1 })
export const shareCount = (shares: readonly Share[]): number =>
  shares.reduce((sum, { slice }) => sum + sliceCount(slice), 0)

const settleAll = (shares: readonly Share[]): Settled[] =>
  shares.map(({ slice, end }) => ({ partition: slice.partition, offset: end }))

/** The shares cut after `count` records. A share cut in two settles its first part up to where it was cut. */
export const splitShares = (shares: readonly Share[], count: number): [Share[], Share[]] => {
  const halves: [Share[], Share[]] = [[], []]
  let left = count
  for (const share of shares) {
    const [head, tail] = splitSlice(share.slice, left)
    if (head !== undefined) halves[0].push(tail === undefined ? { ...share, slice: head } : shareOf(head))
    if (tail !== undefined) halves[1].push({ ...share, slice: tail })
    left -= sliceCount(share.slice)
  }
  return halves
}

interface ItemFailure {
  readonly partition: string
  readonly offset: number
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parseFailure = (item: unknown): ItemFailure | undefined => {
  const identifier = isRecord(item) ? item.itemIdentifier : undefined
  if (!isRecord(identifier)) return undefined
  const { partition, offset } = identifier
  return typeof partition === 'string' && typeof offset === 'number' ? { partition, offset } : undefined
}

/** Undefined: not a response that AWS takes, so the whole batch failed. */
const parseFailures = (response: Buffer): ItemFailure[] | undefined => {
  const text = response.toString('utf8').trim()
  if (text === '' || text === 'null') return []
  const parsed = parseJson(text)
  if (!isRecord(parsed)) return undefined
  const items = parsed.batchItemFailures ?? []
  if (!Array.isArray(items)) return undefined
  const failures = items.map(parseFailure)
  return failures.every((failure) => failure !== undefined) ? failures : undefined
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a malformed response is an outcome that AWS defines: the whole batch failed
  }
}

const wholeBatch = (shares: readonly Share[], because: 'failed' | 'timed-out' | 'response-malformed'): Verdict => ({
  kind: 'retry',
  because,
  settled: [],
  shares,
})

/** AWS retries the named records only; what it commits meanwhile ends before the first of them. */
const afterItemFailures = (shares: readonly Share[], failures: readonly ItemFailure[]): Verdict => {
  const settled: Settled[] = []
  const again: Share[] = []
  let found = 0
  for (const { slice, end } of shares) {
    const offsets = failures.filter(({ partition }) => partition === partitionName(slice)).map(({ offset }) => offset)
    const failed = pickFromSlice(slice, new Set(offsets))
    found += failed === undefined ? 0 : sliceCount(failed)
    if (failed === undefined) settled.push({ partition: slice.partition, offset: end })
    else {
      if (firstOffset(failed) > firstOffset(slice))
        settled.push({ partition: slice.partition, offset: firstOffset(failed) })
      again.push({ slice: failed, end })
    }
  }
  const named = new Set(failures.map(({ partition, offset }) => `${partition} ${offset}`)).size
  if (found < named) return wholeBatch(shares, 'response-malformed')
  return { kind: 'retry', because: 'item-failures', settled, shares: again }
}

const judge = (mapping: KafkaMapping, shares: readonly Share[], result: InvokeResult): Verdict => {
  if (result.kind !== 'succeeded') return wholeBatch(shares, result.kind)
  if (!mapping.functionResponseTypes?.length) return { kind: 'done', settled: settleAll(shares) }
  const failures = parseFailures(result.response)
  if (failures === undefined) return wholeBatch(shares, 'response-malformed')
  return failures.length === 0 ? { kind: 'done', settled: settleAll(shares) } : afterItemFailures(shares, failures)
}

/** What becomes of the records after an attempt; `attempt` counts from 0. A split does not use up an attempt. */
export const verdict = (
  mapping: KafkaMapping,
  shares: readonly Share[],
  result: InvokeResult,
  attempt: number,
): Verdict => {
  const judged = judge(mapping, shares, result)
  if (judged.kind !== 'retry') return judged
  const records = shareCount(shares)
  if (mapping.bisectBatchOnFunctionError && judged.because !== 'item-failures' && records > 1) {
    return { kind: 'bisect', halves: splitShares(shares, Math.ceil(records / 2)) }
  }
  if (mapping.maximumRetryAttempts !== undefined && attempt >= mapping.maximumRetryAttempts) {
    return { kind: 'give-up', settled: settleAll(shares) }
  }
  return judged
}
