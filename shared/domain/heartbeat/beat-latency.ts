import type { PartitionOutcome } from '../outcome.ts'
import type { PartitionBatch } from '../record.ts'
import { beatKey, HEARTBEAT_TOPIC } from './beat.ts'

/** One embedded-metric line holds as many values. */
const MOST_LATENCIES = 100

/**
 * How long each beat of the link took from being written on the source to being remembered as replicated, milliseconds; of
 * the newest hundred when there are more. Beats of other links, and those that were replicated before, do not count. No
 * record of another topic is looked at.
 */
export const beatLatencies = (
  link: string,
  batches: readonly PartitionBatch[],
  outcomes: readonly PartitionOutcome[],
  now: number,
): readonly number[] => {
  const batch = batches.find(({ topic }) => topic === HEARTBEAT_TOPIC)
  const outcome = batch && outcomes.find(({ topic }) => topic === HEARTBEAT_TOPIC)
  if (batch === undefined || outcome === undefined || outcome.error !== undefined) return []
  const key = beatKey(link)
  return batch.records
    .slice(outcome.redelivered)
    .filter((record) => record.key === key)
    .slice(-MOST_LATENCIES)
    .map(({ timestamp }) => Math.max(0, now - timestamp))
}
