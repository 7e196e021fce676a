import type { StateMachineDefinition } from '../../infra/constructs/state-language.ts'
import type { StepCall } from '../../shared/domain/failover/step-call.ts'
import type { Ending } from './asl-errors.ts'
import {
  AslExecution,
  type Moment,
  type Reply,
  type TaskCall,
  type TokenReply,
  type Worker,
} from './asl-interpreter.ts'
import type { PairModel } from './failover-model.ts'
import type { VirtualClock } from './virtual-clock.ts'

/**
 * What goes wrong with a call. `error`: it fails after so many of its writes, and nobody hears what it answers. `late`: the
 * same, and all of its writes come later. `timeout`: nothing is heard at all. `answers`: it does nothing, and says that.
 */
export type Fault =
  | { readonly kind: 'error'; readonly name: string; readonly after: number }
  | { readonly kind: 'late'; readonly name: string; readonly delayMs: number }
  | { readonly kind: 'timeout'; readonly after: number }
  | { readonly kind: 'answers'; readonly payload: unknown }

export interface RunPlan {
  readonly name: string
  readonly mode?: 'planned' | 'drill'
  readonly dryRun?: boolean
  /** Of a call, and how many were made before it. @default nothing goes wrong */
  readonly faults?: (step: StepCall['step'], index: number, call: StepCall) => Fault | undefined
  readonly stops?: (moment: Moment) => boolean
  /** What people answer to the question of that number, from 0 on; absent: nothing. @default they approve, and end */
  readonly approves?: (asked: number, hash: string) => TokenReply | undefined
  readonly operator?: (asked: number) => TokenReply | undefined
}

const CALL_MS = 200
/** Longer than any time that a machine waits for a call. */
const NEVER = Number.POSITIVE_INFINITY

/** One execution of a machine on a model of a pair. */
export class FailoverRun {
  readonly execution: AslExecution
  readonly calls: StepCall[] = []
  readonly #pair: PairModel
  readonly #plan: RunPlan
  readonly #clock: VirtualClock
  readonly #questions = new Map<string, () => TokenReply | undefined>()
  #asked = { approve: 0, hold: 0 }

  constructor(definition: StateMachineDefinition, pair: PairModel, clock: VirtualClock, plan: RunPlan) {
    this.#pair = pair
    this.#plan = plan
    this.#clock = clock
    const worker: Worker = { call: (call) => this.#call(call), answer: async (token) => this.#questions.get(token)?.() }
    const { mode = 'planned', dryRun } = plan
    const input = { mode, reason: 'a test', who: 'vitest', ...(dryRun !== undefined && { dryRun }) }
    const stops = plan.stops === undefined ? {} : { stops: plan.stops }
    this.execution = new AslExecution(definition, { name: plan.name, input, clock, worker, ...stops })
  }

  run(): Promise<Ending> {
    return this.#whileRunning(() => this.execution.run())
  }

  redrive(): Promise<Ending> {
    return this.#whileRunning(() => this.execution.redrive())
  }

  async #whileRunning(runs: () => Promise<Ending>): Promise<Ending> {
    this.#pair.running.add(this.#plan.name)
    const ending = await runs()
    this.#pair.running.delete(this.#plan.name)
    return ending
  }

  async #call(task: TaskCall): Promise<Reply> {
    if (task.resource.includes(':dynamodb:')) return { tookMs: this.#pair.drilled() }
    const { Payload } = task.arguments as { readonly Payload: StepCall }
    this.calls.push(Payload)
    const fault = this.#plan.faults?.(Payload.step, this.calls.length - 1, Payload)
    const { effects, answer } = this.#pair.work(Payload)
    if (fault?.kind === 'answers') return { tookMs: CALL_MS, result: { Payload: fault.payload } }
    if (fault?.kind === 'late') {
      this.#clock.later(fault.delayMs, () => perform(effects))
      return { tookMs: CALL_MS, error: { name: fault.name } }
    }
    perform(effects.slice(0, fault?.after ?? effects.length))
    if (fault?.kind === 'timeout') return { tookMs: NEVER }
    if (fault?.kind === 'error') {
      if (fault.after >= effects.length) answer()
      return { tookMs: CALL_MS, error: { name: fault.name } }
    }
    if (task.token !== undefined) this.#ask(task.token, Payload)
    return { tookMs: CALL_MS, result: { Payload: answer() } }
  }

  #ask(token: string, { step, hash = '' }: StepCall): void {
    const { approves = APPROVES, operator = ENDS } = this.#plan
    const asked = step === 'approve' ? this.#asked.approve++ : this.#asked.hold++
    this.#questions.set(token, () => (step === 'approve' ? approves(asked, hash) : operator(asked)))
  }
}

const perform = (effects: readonly (() => void)[]): void => {
  for (const effect of effects) effect()
}

const PERSON_MS = 60_000
const APPROVES = (_asked: number, hash: string): TokenReply => ({ tookMs: PERSON_MS, result: { hash, by: 'somebody' } })
const ENDS = (): TokenReply => ({ tookMs: PERSON_MS, result: { do: 'end', by: 'somebody' } })
