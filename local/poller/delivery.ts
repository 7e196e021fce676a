import type { CutLimits } from './cutting.ts'
import type { EventPayload } from './event-payload.ts'
import { befalls, drawFor, type Faults } from './faults.ts'
import { type Observe, rangeOf } from './happening.ts'
import type { Invocations } from './invocations.ts'
import type { KafkaMapping } from './mapping.ts'
import { firstOffset, joinSlices, type RecordSlice, sliceCount } from './record-slice.ts'
import { type RetrySchedule, retryDelayMs } from './retry-schedule.ts'
import { type Settled, type Share, shareCount, shareOf, splitShares, verdict } from './verdict.ts'

/** What a delivery may do with the partitions it was given. */
export interface DeliveryOwner {
  /** Whether the partition is still this poller's, so that delivering it again is its business. */
  owns(partition: number): boolean
  settle(settled: readonly Settled[]): void
  /** More records of the partition, right behind those that were cut before. */
  takeMore(partition: number, mostRecords: number, mostBytes: number): RecordSlice | undefined
  /** Resolves early when the poller stops. */
  pause(ms: number): Promise<void>
  readonly stopping: boolean
}

export interface DeliveryContext {
  readonly mapping: KafkaMapping
  readonly invocations: Invocations
  readonly payload: EventPayload
  readonly limits: CutLimits
  readonly retry: RetrySchedule
  readonly faults: Faults | undefined
  readonly observe: Observe
}

interface Delivered {
  readonly event: number
  readonly attempt: number
  readonly why: 'first' | 'retry'
}

/** Delivers a batch until it is done, given up, or not this poller's any more. */
export class Delivery {
  readonly #context: DeliveryContext
  readonly #owner: DeliveryOwner

  constructor(context: DeliveryContext, owner: DeliveryOwner) {
    this.#context = context
    this.#owner = owner
  }

  deliver(shares: readonly Share[], event: number): Promise<void> {
    return this.#deliver(shares, { event, attempt: 0, why: 'first' })
  }

  async #deliver(all: readonly Share[], { event, attempt: from, why }: Delivered): Promise<void> {
    const { mapping, invocations, retry, observe } = this.#context
    let shares = all
    for (let attempt = from; shares.length > 0 && !this.#owner.stopping; attempt++) {
      const delivered: Delivered = { event, attempt, why: attempt === from ? why : 'retry' }
      const next = verdict(mapping, shares, await invocations.attempt(shares, delivered), attempt)
      switch (next.kind) {
        case 'give-up':
          observe({ kind: 'discarded', ranges: shares.map(({ slice }) => rangeOf(slice)) })
          this.#owner.settle(next.settled)
          return
        case 'done':
          this.#owner.settle(next.settled)
          return
        case 'bisect':
          return this.#deliverParts(next.halves, event, 0)
        case 'retry':
          this.#owner.settle(next.settled)
          await this.#owner.pause(retryDelayMs(retry, attempt))
          shares = next.shares.filter(({ slice }) => this.#owner.owns(slice.partition))
          if (delivered.why === 'first' && this.#mustRecut(shares)) {
            return this.#deliverParts(this.#recut(shares), event, attempt + 1)
          }
      }
    }
  }

  /** In their order, so that each partition's records stay in theirs. */
  async #deliverParts(parts: readonly (readonly Share[])[], event: number, attempt: number): Promise<void> {
    for (const part of parts) {
      const owned = part.filter(({ slice }) => this.#owner.owns(slice.partition))
      await this.#deliver(owned, { event, attempt, why: 'retry' })
    }
  }

  #mustRecut([first]: readonly Share[]): boolean {
    if (first === undefined) return false
    return befalls(this.#context.faults, 'recutOnRetry', first.slice, firstOffset(first.slice))
  }

  /** By the draw one longer batch, when there is more and room for it, or two shorter ones. */
  #recut(shares: readonly Share[]): readonly (readonly Share[])[] {
    const [first, ...others] = shares
    if (first === undefined) return []
    const draw = drawFor(this.#context.faults?.seed ?? 0, 'recut', first.slice, firstOffset(first.slice))
    const longer = draw < 0.5 ? this.#lengthen(first, others) : undefined
    if (longer !== undefined) return [[longer, ...others]]
    const count = shareCount(shares)
    return splitShares(shares, Math.max(1, Math.floor(count * draw)))
  }

  /** Only a share that still ends where it was cut: records behind it must follow it without a hole. */
  #lengthen(share: Share, others: readonly Share[]): Share | undefined {
    const { limits, payload } = this.#context
    if (share.end !== shareOf(share.slice).end) return undefined
    const slices = [share.slice, ...others.map(({ slice }) => slice)]
    const records = limits.batchSize - shareCount([share, ...others])
    const room = limits.payloadBytes - payload.bytes(slices)
    const most = Math.min(records, Math.ceil(sliceCount(share.slice) / 2))
    const more = this.#owner.takeMore(share.slice.partition, most, room)
    return more === undefined ? undefined : shareOf(joinSlices(share.slice, more))
  }
}
