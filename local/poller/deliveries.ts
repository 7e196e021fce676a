import type { AssignedPartition } from './assigned-partition.ts'
import { cutEvent, dueAtMs, takeOversized } from './cutting.ts'
import { Delivery, type DeliveryContext, type DeliveryOwner } from './delivery.ts'
import { type RecordSlice, releaseSlice, sliceBytes } from './record-slice.ts'
import { type Settled, shareOf } from './verdict.ts'

export interface DeliveriesContext extends DeliveryContext {
  readonly concurrentInvocations: number
  readonly nextEvent: () => number
}

export interface DeliveriesOwner {
  readonly stopping: boolean
  readonly assigned: () => readonly AssignedPartition[]
  commit(settled: readonly Settled[]): void
  /** Resolves early when the poller stops. */
  pause(ms: number): Promise<void>
  /** Records left the queues, so there is room for more. */
  taken(): void
}

/** The deliveries of one poller: at most one at a time of each partition, and so many in all. */
export class Deliveries {
  readonly #context: DeliveriesContext
  readonly #owner: DeliveriesOwner
  readonly #running = new Set<Promise<void>>()
  #open = false
  #timer: NodeJS.Timeout | undefined

  constructor(context: DeliveriesContext, owner: DeliveriesOwner) {
    this.#context = context
    this.#owner = owner
  }

  open(): void {
    this.#open = true
    this.cut()
  }

  /** No new delivery begins; those that run go on. */
  close(): void {
    this.#open = false
    clearTimeout(this.#timer)
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  /** Starts as many deliveries as may run and are due, and comes back when the next one is. */
  cut(): void {
    const { limits, payload, concurrentInvocations } = this.#context
    clearTimeout(this.#timer)
    while (this.#open && !this.#owner.stopping && this.#running.size < concurrentInvocations) {
      const free = this.#owner.assigned().filter(({ busy }) => !busy)
      if (this.#skipOversized(free)) continue
      const queues = free.map(({ queue }) => queue)
      const due = dueAtMs(queues, limits)
      if (due === undefined) return
      const waitMs = due - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.cut(), waitMs)
        return
      }
      this.#start(cutEvent(queues, limits, payload), free)
      this.#owner.taken()
    }
  }

  #start(slices: readonly RecordSlice[], free: readonly AssignedPartition[]): void {
    const leased = free.filter(({ partition }) => slices.some((slice) => slice.partition === partition))
    for (const assigned of leased) assigned.busy = true
    const held = [...slices]
    const delivery = new Delivery(this.#context, this.#lease(leased, held))
    const running = delivery.deliver(slices.map(shareOf), this.#context.nextEvent()).finally(() => {
      for (const assigned of leased) assigned.busy = false
      for (const slice of held) releaseSlice(slice)
      this.#running.delete(running)
      this.cut()
    })
    this.#running.add(running)
  }

  /** A partition that was lost and came back is another assignment: the old delivery has no say in it. */
  #lease(leased: readonly AssignedPartition[], slices: RecordSlice[]): DeliveryOwner {
    const owner = this.#owner
    const held = (partition: number) => leased.find((assigned) => assigned.partition === partition && !assigned.lost)
    return {
      get stopping() {
        return owner.stopping
      },
      owns: (partition) => held(partition) !== undefined,
      settle: (settled) => owner.commit(settled.filter(({ partition }) => held(partition) !== undefined)),
      takeMore: (partition, mostRecords, mostBytes) => {
        const slice = held(partition)?.queue.take(mostRecords, mostBytes)
        if (slice !== undefined) slices.push(slice)
        return slice
      },
      pause: (ms) => owner.pause(ms),
    }
  }

  #skipOversized(free: readonly AssignedPartition[]): boolean {
    const { limits, payload, observe } = this.#context
    for (const { queue, partition } of free) {
      const slice = takeOversized(queue, limits, payload)
      if (slice === undefined) continue
      const { end } = shareOf(slice)
      observe({ kind: 'unprocessed', partition, offset: end - 1, bytes: sliceBytes(slice) })
      releaseSlice(slice)
      this.#owner.commit([{ partition, offset: end }])
      return true
    }
    return false
  }
}
