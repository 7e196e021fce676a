import { sift } from '../../shared/domain/provenance.ts'
import type { PolledRecord } from '../../shared/domain/record.ts'
import type { Slot } from './partition-history.ts'
import { polled } from './polled.ts'

/** The key of records that the target refuses for good. */
export const REFUSED_KEY = Buffer.from('refused').toString('base64')
const POLLED: ReadonlySet<Slot> = new Set(['data', 'quarantined', 'looped'])
const FROM_THE_TARGET = {
  source: 'target-cluster',
  target: 'source-cluster',
  sourceTopic: 'orders',
  targetTopic: 'orders',
  partition: 0,
}

/** One life of the source topic, and what became of its records as it was seen at the ports, whatever the map says. */
export class SourceLife {
  readonly incarnation: string
  readonly slots: Slot[] = []
  /** Retention has taken everything below. */
  logStart = 0
  /** Where its replication began. */
  start = 0
  /** By source offset: where on the target the copy is that was acknowledged and then written down. */
  readonly copies = new Map<bigint, bigint>()
  /** Source offsets that were written down as looped. */
  readonly looped = new Set<bigint>()
  /** Source offsets whose batch was answered as done. */
  readonly answered = new Set<number>()
  /** Source offsets of records that somebody moved the group of the poller past. */
  readonly skipped = new Set<number>()

  constructor(incarnation: string, slots: readonly Slot[] = []) {
    this.incarnation = incarnation
    this.slots.push(...slots)
  }

  get ended(): number {
    return this.slots.length
  }

  /** Whether a record that a poller would bring is, or was, at that offset. */
  isRecord(offset: number): boolean {
    const slot = this.slots[offset]
    return slot !== undefined && POLLED.has(slot)
  }

  /** Whether it is there still. */
  holds(offset: number): boolean {
    return offset >= this.logStart && this.isRecord(offset)
  }

  /** The offsets of the next `count` records from `position` on. */
  poll(position: number, count: number): number[] {
    const offsets: number[] = []
    for (let at = position; at < this.ended && offsets.length < count; at++) if (this.holds(at)) offsets.push(at)
    return offsets
  }

  record(offset: number): PolledRecord {
    const record = polled(offset, this.incarnation)
    if (this.slots[offset] === 'quarantined') return { ...record, key: REFUSED_KEY }
    const [returned = record] = this.slots[offset] === 'looped' ? sift([record], FROM_THE_TARGET).onward : []
    return returned
  }

  compact(every: number): void {
    for (const [at, slot] of this.slots.entries())
      if (at % every === 0 && slot === 'data' && at < this.ended - 1) this.slots[at] = 'compacted'
  }
}
