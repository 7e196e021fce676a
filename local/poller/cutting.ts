import type { EventPayload } from './event-payload.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { RecordSlice } from './record-slice.ts'

export interface CutLimits {
  readonly batchSize: number
  readonly windowMs: number
  readonly payloadBytes: number
}

const byWaiting = (a: PartitionQueue, b: PartitionQueue): number => (a.waitingSinceMs ?? 0) - (b.waitingSinceMs ?? 0)

/**
 * When the waiting records have to be delivered: at once when they fill a batch or a payload, else when the window of
 * the oldest one ends. Undefined when nothing waits.
 */
export const dueAtMs = (queues: readonly PartitionQueue[], limits: CutLimits): number | undefined => {
  const waiting = queues.filter((queue) => queue.count > 0).toSorted(byWaiting)
  const since = waiting[0]?.waitingSinceMs
  if (since === undefined) return undefined
  const count = waiting.reduce((sum, queue) => sum + queue.count, 0)
  const bytes = waiting.reduce((sum, queue) => sum + queue.bytes, 0)
  return count >= limits.batchSize || bytes >= limits.payloadBytes ? since : since + limits.windowMs
}

/**
 * One event's worth of records, taken out of the queues; the partition that waited longest comes first, so that none
 * starves. Empty although records wait: the first record of every queue is too large for any event.
 */
export const cutEvent = (
  queues: readonly PartitionQueue[],
  limits: CutLimits,
  payload: EventPayload,
): RecordSlice[] => {
  const slices: RecordSlice[] = []
  let records = limits.batchSize
  let bytes = limits.payloadBytes - payload.emptyBytes
  for (const queue of queues.toSorted(byWaiting)) {
    const before = { count: queue.count, bytes: queue.bytes }
    const frame = payload.frameBytes(queue, slices.length === 0)
    const slice = queue.take(records, bytes - frame)
    if (slice === undefined) continue
    slices.push(slice)
    records -= before.count - queue.count
    bytes -= frame + before.bytes - queue.bytes
  }
  return slices
}

/** The first record of the queue, when no event can hold it even alone. */
export const takeOversized = (
  queue: PartitionQueue,
  limits: CutLimits,
  payload: EventPayload,
): RecordSlice | undefined => {
  const room = limits.payloadBytes - payload.emptyBytes - payload.frameBytes(queue, true)
  return queue.firstBytes > room ? queue.take(1, Number.POSITIVE_INFINITY) : undefined
}
