import { type PartitionId, partitionName } from '../record.ts'
import type { FailoverMode } from './failover-input.ts'
import type { TopicRecords } from './preflight-facts.ts'

/** Records of a partition that are on the source alone. */
export interface LeftRecords extends PartitionId {
  /** Where there are too many to be read, each offset counts as one. */
  readonly records: number
}

/** What a residual scan found between checkpoints and ends. */
export interface Residue {
  readonly partitions: number
  readonly left: readonly LeftRecords[]
  /** With transactions that are open: what they wrote may still be committed. */
  readonly open: readonly PartitionId[]
  /** Of which nobody can tell, and why of the first one. */
  readonly untold: readonly PartitionId[]
  readonly because?: string
}

export interface DrainAsk {
  readonly mode: FailoverMode
  readonly force: boolean
  readonly lostRecords: number
  /** For how long it has been waited. */
  readonly waitedMs: number
  /** By topic, what the lag canary knows to be on the source alone. */
  readonly lag: readonly TopicRecords[] | undefined
}

/** `loss`: what will be on the source alone; absent: nobody knows, or, when it is drained, nothing. */
export type DrainVerdict =
  | { readonly kind: 'drained' }
  | { readonly kind: 'again'; readonly because: string }
  | { readonly kind: 'lossy'; readonly loss?: number; readonly topics: readonly TopicRecords[] }
  | { readonly kind: 'too-lossy'; readonly because: string }

/** An unplanned failover waits no longer for what does not come. */
const PATIENCE_MS = 120_000

/** Whether all that was written to the source is on the target. `residue` absent: the source does not answer. */
export const drainVerdict = (residue: Residue | undefined, ask: DrainAsk): DrainVerdict => {
  const isUnplanned = ask.mode === 'unplanned'
  if (residue === undefined) return isUnplanned ? withLoss(ask.lag, ask) : again('the source does not answer')
  const { left, open, untold, because = 'nobody tells' } = residue
  if (left.length === 0 && open.length === 0 && untold.length === 0) return { kind: 'drained' }
  if (!isUnplanned || (left.length + open.length > 0 && ask.waitedMs < PATIENCE_MS)) {
    if (left.length > 0) return again(`${totalOf(left)} records are left: ${named(left)}`)
    if (open.length > 0) return again(`transactions are open, until they end or their timeout does: ${named(open)}`)
    return again(`${untold.length} partitions cannot be looked at: ${because}`)
  }
  return withLoss(lossOf(residue, ask.lag), ask)
}

const again = (because: string): DrainVerdict => ({ kind: 'again', because })

const MOST_NAMED = 5

const named = (partitions: readonly PartitionId[]): string =>
  `${partitions.slice(0, MOST_NAMED).map(partitionName).join(', ')}${partitions.length > MOST_NAMED ? ', …' : ''}`

const totalOf = (left: readonly { readonly records: number }[]): number =>
  left.reduce((total, { records }) => total + records, 0)

/** What was read of the partitions that answer; of topics with others, what the canary knows of the whole topic. */
const lossOf = ({ left, untold }: Residue, lag: DrainAsk['lag']): readonly TopicRecords[] | undefined => {
  const silent = new Set(untold.map(({ topic }) => topic))
  if (silent.size > 0 && lag === undefined) return undefined
  const read = left.filter(({ topic }) => !silent.has(topic))
  const byTopic = [...Map.groupBy(read, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    records: totalOf(ofTopic),
  }))
  return [...byTopic, ...(lag ?? []).filter(({ topic }) => silent.has(topic))]
}

const withLoss = (topics: readonly TopicRecords[] | undefined, { force, lostRecords }: DrainAsk): DrainVerdict => {
  const lost = (topics ?? []).filter(({ records }) => records > 0)
  const loss = totalOf(lost)
  if (force) return { kind: 'lossy', topics: lost, ...(topics !== undefined && { loss }) }
  if (topics === undefined) return { kind: 'too-lossy', because: 'nobody knows how many records would be lost' }
  if (loss <= lostRecords) return { kind: 'lossy', loss, topics: lost }
  return { kind: 'too-lossy', because: `${loss} records would be lost, and ${lostRecords} may be` }
}
