import { setTimeout as pause } from 'node:timers/promises'
import { BufferPool } from './buffer-pool.ts'
import { EventPayload } from './event-payload.ts'
import type { Faults } from './faults.ts'
import type { Happening, Observe } from './happening.ts'
import { Invocations, type Invoke } from './invocations.ts'
import { POLLER_LIMITS } from './limits.ts'
import { checkMapping, type KafkaMapping } from './mapping.ts'
import { type MemberTiming, PollerMember } from './poller-member.ts'
import { NO_DELAYS, type PollerState, type StateDelays } from './poller-states.ts'
import { PollerCounts, type PollerStats } from './poller-stats.ts'
import { DEFAULT_RETRY_SCHEDULE, type RetrySchedule } from './retry-schedule.ts'
import type { Isolation } from './source-cluster.ts'

export interface PollerOptions {
  /** Default `read_uncommitted`, as the Java client's. */
  readonly isolation?: Isolation
  readonly observe?: Observe
  readonly faults?: Faults
  /** When absent, `invoke` sees to the timeout of the function. */
  readonly functionTimeoutMs?: number
  readonly retry?: RetrySchedule
  readonly delays?: StateDelays
  readonly timing?: Partial<MemberTiming>
  /** On demand, how far AWS has scaled the pollers; in provisioned mode the minimum counts. Default 1. */
  readonly onDemandPollers?: number
}

export interface Poller {
  readonly mapping: KafkaMapping
  state(): PollerState
  stats(): PollerStats
  /** As when the mapping is disabled: resolves when it is `Disabled`, its batches in flight ended, its group left. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** As when the mapping is deleted. The group's offsets stay. */
  stop(): Promise<void>
  /** Drops everything as when the poller's machine dies: nothing is committed, the group waits for the session to end. */
  crash(): Promise<void>
}

const DEFAULT_TIMING: MemberTiming = {
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 20_000,
  heartbeatMs: 500,
  drainMs: 3_000,
  metadataMaxAgeMs: 10_000,
}

/** Plays Lambda's poller for one event source mapping, from now until it is stopped. */
export const startPoller = (mapping: KafkaMapping, invoke: Invoke, options: PollerOptions = {}): Poller => {
  checkMapping(mapping)
  return new RunningPoller(mapping, invoke, options)
}

class RunningPoller implements Poller {
  readonly mapping: KafkaMapping
  readonly #invoke: Invoke
  readonly #options: PollerOptions
  readonly #counts = new PollerCounts()
  readonly #pool = new BufferPool()
  #members: PollerMember[] = []
  #invocations: Invocations | undefined
  #state: PollerState = 'Creating'
  #events = 0
  /** Changes of state follow each other. */
  #change: Promise<void>

  constructor(mapping: KafkaMapping, invoke: Invoke, options: PollerOptions) {
    this.mapping = mapping
    this.#invoke = invoke
    this.#options = options
    this.#change = this.#create()
  }

  state(): PollerState {
    return this.#state
  }

  stats(): PollerStats {
    return this.#counts.read()
  }

  pause(): Promise<void> {
    return this.#next(async () => {
      if (this.#state !== 'Enabled') return
      this.#enter('Disabling')
      await pause(this.#delays.disableMs)
      await this.#stopMembers()
      this.#enter('Disabled')
    })
  }

  resume(): Promise<void> {
    return this.#next(async () => {
      if (this.#state !== 'Disabled') return
      this.#enter('Enabling')
      await pause(this.#delays.enableMs)
      this.#startMembers()
    })
  }

  stop(): Promise<void> {
    return this.#next(async () => {
      this.#enter('Deleting')
      await this.#stopMembers()
    })
  }

  crash(): Promise<void> {
    return this.#next(async () => {
      this.#enter('Deleting')
      const members = this.#members
      this.#members = []
      await Promise.all(members.map((member) => member.crash()))
    })
  }

  get #delays(): StateDelays {
    return this.#options.delays ?? NO_DELAYS
  }

  async #create(): Promise<void> {
    this.#enter('Creating')
    await pause(this.#delays.createMs)
    if (this.mapping.enabled === false) this.#enter('Disabled')
    else this.#startMembers()
  }

  #next(change: () => Promise<void>): Promise<void> {
    this.#change = this.#change.then(change)
    return this.#change
  }

  #enter(state: PollerState): void {
    this.#state = state
    this.#observe({ kind: 'state', state })
  }

  readonly #observe = (happening: Happening): void => {
    this.#counts.count(happening)
    this.#options.observe?.(happening)
  }

  #startMembers(): void {
    const count = this.mapping.provisionedPollers?.minimum ?? this.#options.onDemandPollers ?? 1
    this.#members = Array.from({ length: count }, (_, poller) => this.#createMember(poller))
    for (const member of this.#members) member.start()
    this.#enter('Enabled')
  }

  async #stopMembers(): Promise<void> {
    const members = this.#members
    this.#members = []
    await Promise.all(members.map((member) => member.stop()))
    await this.#invocations?.idle()
  }

  #createMember(poller: number): PollerMember {
    const { mapping } = this
    const { isolation = 'read_uncommitted', retry = DEFAULT_RETRY_SCHEDULE, faults, timing } = this.#options
    const provisioned = mapping.provisionedPollers !== undefined
    const { provisionedInvocations, onDemandInvocations, batchSize, windowMs, payloadBytes } = POLLER_LIMITS
    const payload = new EventPayload(mapping)
    this.#invocations ??= this.#createInvocations(payload)
    return new PollerMember({
      poller,
      mapping,
      payload,
      pool: this.#pool,
      invocations: this.#invocations,
      isolation,
      retry,
      faults,
      observe: this.#observe,
      limits: {
        batchSize: mapping.batchSize ?? batchSize.value,
        windowMs: mapping.maximumBatchingWindowMs ?? windowMs.value,
        payloadBytes: payloadBytes.value,
      },
      timing: { ...DEFAULT_TIMING, ...timing },
      concurrentInvocations: (provisioned ? provisionedInvocations : onDemandInvocations).value,
      nextEvent: () => this.#events++,
    })
  }

  #createInvocations(payload: EventPayload): Invocations {
    const { functionName, topic } = this.mapping
    const { faults, functionTimeoutMs } = this.#options
    return new Invocations({
      functionName,
      topic,
      invoke: this.#invoke,
      observe: this.#observe,
      payload,
      pool: this.#pool,
      faults,
      functionTimeoutMs,
    })
  }
}
