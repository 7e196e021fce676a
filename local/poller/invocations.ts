import type { BufferPool } from './buffer-pool.ts'
import type { EventPayload } from './event-payload.ts'
import { befalls, type Faults } from './faults.ts'
import { type DeliveredRange, type Observe, rangeOf, type Why } from './happening.ts'
import type { InvokeResult, Share } from './verdict.ts'

export interface InvokeOptions {
  readonly functionName: string
  /** Counts the batches of a mapping; a batch keeps its number when it is delivered again. */
  readonly event: number
  readonly attempt: number
  readonly why: Why
  /** Fires when the function's time is over: whoever runs it kills it then. */
  readonly signal: AbortSignal
}

/** Runs the function once. A rejection counts as a failed invocation. `payload` is overwritten after it settled. */
export type Invoke = (payload: Buffer, options: InvokeOptions) => Promise<InvokeResult>

export interface InvocationContext {
  readonly functionName: string
  readonly topic: string
  readonly invoke: Invoke
  readonly observe: Observe
  readonly payload: EventPayload
  readonly pool: BufferPool
  readonly faults: Faults | undefined
  /** When absent, whoever runs the function sees to its timeout. */
  readonly functionTimeoutMs: number | undefined
}

interface Call {
  readonly payload: Buffer
  readonly event: number
  readonly attempt: number
  readonly why: Why
  readonly ranges: readonly DeliveredRange[]
  /** The runs with this payload, which lives until all of them ended, abandoned ones too. */
  readonly runs: Promise<InvokeResult>[]
}

interface TimeLimit {
  readonly afterMs: number
  readonly how: 'abandon' | 'kill'
}

/** Makes the invocations of a mapping, with the faults that were chosen for it. */
export class Invocations {
  readonly #context: InvocationContext
  readonly #running = new Set<Promise<unknown>>()
  /** Calls that succeeded, by their first partition, oldest first. */
  readonly #past = new Map<number, Call[]>()

  constructor(context: InvocationContext) {
    this.#context = context
  }

  /** One attempt at a batch; faults that concern a batch befall its first delivery. */
  async attempt(
    shares: readonly Share[],
    { event, attempt, why }: Pick<Call, 'event' | 'attempt' | 'why'>,
  ): Promise<InvokeResult> {
    const slices = shares.map(({ slice }) => slice)
    const { payload: envelope, pool } = this.#context
    const room = pool.take(envelope.bytes(slices))
    const payload = envelope.encode(slices, room)
    const call: Call = { payload, event, attempt, ranges: slices.map(rangeOf), why, runs: [] }
    await this.#replayOld(call)
    const result = await this.#oneOrTwo(call)
    if (result.kind === 'succeeded') this.#remember(call)
    void Promise.allSettled(call.runs).then(() => pool.give(room))
    return result
  }

  /** Resolves when none runs, abandoned ones included. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  /** A batch delivered twice at once has succeeded when one of the two has. */
  async #oneOrTwo(call: Call): Promise<InvokeResult> {
    const duplicate: Call = { ...call, why: 'duplicate' }
    const twice = this.#befalls('deliverTwice', call) ? this.#context.faults?.deliverTwice?.how : undefined
    if (twice === 'side-by-side') {
      const [result, second] = await Promise.all([this.#limited(call), this.#limited(duplicate)])
      return second.kind === 'succeeded' ? second : result
    }
    const result = await this.#limited(call)
    return twice === 'in-turn' && result.kind === 'succeeded' ? this.#limited(duplicate) : result
  }

  /** The answer is nobody's: the group committed past that batch long ago. */
  async #replayOld(call: Call): Promise<void> {
    const [oldest, newer] = this.#past.get(call.ranges[0]?.partition ?? 0) ?? []
    if (oldest === undefined || newer === undefined || !this.#befalls('replayOld', call)) return
    await this.#limited({ ...oldest, why: 'replay' })
  }

  #remember(call: Call): void {
    const most = this.#context.faults?.replayOld?.remember ?? 0
    if (most === 0) return
    const partition = call.ranges[0]?.partition ?? 0
    const kept = { ...call, payload: Buffer.from(call.payload) }
    this.#past.set(partition, [...(this.#past.get(partition) ?? []), kept].slice(-most))
  }

  #befalls(name: 'deliverTwice' | 'replayOld' | 'timeout', { why, ranges }: Call): boolean {
    const [first] = ranges
    if (why !== 'first' || first === undefined) return false
    return befalls(this.#context.faults, name, { topic: this.#context.topic, partition: first.partition }, first.first)
  }

  #timeLimit(call: Call): TimeLimit | undefined {
    const fault = this.#context.faults?.timeout
    if (fault !== undefined && this.#befalls('timeout', call)) return fault
    const { functionTimeoutMs } = this.#context
    return functionTimeoutMs === undefined ? undefined : { afterMs: functionTimeoutMs, how: 'kill' }
  }

  async #limited(call: Call): Promise<InvokeResult> {
    const limit = this.#timeLimit(call)
    if (limit === undefined) return this.#run(call, new AbortController().signal, () => false)
    const controller = new AbortController()
    let abandoned = false
    let over = false
    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<InvokeResult>()
    const timer = setTimeout(() => {
      over = true
      abandoned = limit.how === 'abandon'
      if (abandoned) giveUp({ kind: 'timed-out' })
      else controller.abort()
    }, limit.afterMs)
    const result = await Promise.race([this.#run(call, controller.signal, () => abandoned), givenUp])
    clearTimeout(timer)
    return over ? { kind: 'timed-out' } : result
  }

  async #run(call: Call, signal: AbortSignal, abandoned: () => boolean): Promise<InvokeResult> {
    const { functionName, invoke, observe } = this.#context
    const { payload, event, attempt, why, ranges } = call
    observe({ kind: 'delivering', event, attempt, why, ranges, bytes: payload.length })
    const startedAt = performance.now()
    const running = invoke(payload, { functionName, event, attempt, why, signal }).catch(asFailure)
    call.runs.push(running)
    this.#running.add(running)
    const result = await running
    this.#running.delete(running)
    const tookMs = performance.now() - startedAt
    observe({ kind: 'delivered', event, attempt, why, ranges, result: result.kind, abandoned: abandoned(), tookMs })
    return result
  }
}

const asFailure = (error: unknown): InvokeResult => ({
  kind: 'failed',
  reason: error instanceof Error ? error.message : String(error),
})
