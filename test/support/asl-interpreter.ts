import type { Retrier, State, StateMachineDefinition, TaskState } from '../../infra/constructs/state-language.ts'
import { asEnding, type Ending, matches, pauseMs, StateError, Stopped, TimeIsUp } from './asl-errors.ts'
import { evaluated, type Scope } from './asl-queries.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What a task makes of a call: an answer or an error, after a while. */
export interface Reply {
  readonly tookMs: number
  readonly result?: unknown
  readonly error?: { readonly name: string; readonly cause?: string }
}

/** `heartbeatEveryMs`: how often there is a sign meanwhile. @default never */
export interface TokenReply extends Reply {
  readonly heartbeatEveryMs?: number
}

export interface TaskCall {
  readonly state: string
  readonly resource: string
  readonly arguments: unknown
  /** Of a state that waits for its token. */
  readonly token?: string
}

/** Who does the tasks. */
export interface Worker {
  call(call: TaskCall): Promise<Reply>
  /** What the holder of a token answers, counted from the end of the call; absent: never. */
  answer?(token: string): Promise<TokenReply | undefined>
}

/** Before a state does anything, and when its task has answered, which nobody has heard yet. */
export interface Moment {
  readonly state: string
  readonly phase: 'entered' | 'answered'
  /** Of all moments of the execution so far, from 0 on. */
  readonly index: number
}

export interface ExecutionOptions {
  readonly name: string
  readonly input: unknown
  readonly clock: VirtualClock
  readonly worker: Worker
  /** Whether somebody stops the execution at this moment. @default nobody does */
  readonly stops?: (moment: Moment) => boolean
}

const MAX_STATE_BYTES = 262_144
/** Of the history of an execution, and how many of them a state makes: it is entered and left, and a task called besides. */
const MAX_EVENTS = 25_000
const EVENTS: Readonly<Record<State['Type'], number>> = { Pass: 2, Choice: 2, Wait: 2, Task: 5 }
const EVENTS_OF_RETRY = 3
/** Where an execution stands: enough to take it up again. */
interface Position {
  readonly state: string
  readonly input: unknown
  readonly variables: Readonly<Record<string, unknown>>
}

interface Way {
  readonly output: unknown
  readonly assigned: Readonly<Record<string, unknown>>
  readonly next: string | undefined
}

/** One execution of a Standard state machine in JSONata, on a clock of its own. It knows no Map and no Parallel. */
export class AslExecution {
  /** The names of all states that were entered. */
  readonly visited: string[] = []
  readonly #definition: StateMachineDefinition
  readonly #options: ExecutionOptions
  readonly #startedAt: number
  #endsBy: number
  #position: Position
  #moments = 0
  #tokens = 0
  #events = 0
  #redrives: readonly number[] = []

  constructor(definition: StateMachineDefinition, options: ExecutionOptions) {
    this.#definition = definition
    this.#options = options
    this.#startedAt = options.clock.now()
    this.#endsBy = this.#startedAt + definition.TimeoutSeconds * 1_000
    this.#position = { state: definition.StartAt, input: options.input, variables: {} }
  }

  get variables(): Readonly<Record<string, unknown>> {
    return this.#position.variables
  }

  async run(): Promise<Ending> {
    try {
      for (;;) {
        const { output, assigned, next } = await this.#enter(this.#position)
        if (next === undefined) return { status: 'SUCCEEDED', output }
        this.#position = { state: next, input: output, variables: { ...this.#position.variables, ...assigned } }
      }
    } catch (error) {
      return asEnding(error)
    }
  }

  /** Takes up an execution that did not succeed, in the state that it ended in, with its variables and a whole time anew. */
  redrive(): Promise<Ending> {
    this.#redrives = [...this.#redrives, this.#options.clock.now()]
    this.#endsBy = this.#options.clock.now() + this.#definition.TimeoutSeconds * 1_000
    return this.run()
  }

  async #enter({ state: name, input }: Position): Promise<Way> {
    const state = this.#definition.States[name]
    if (state === undefined) throw new StateError('States.Runtime', `there is no state ${name}`)
    this.visited.push(name)
    this.#happened(EVENTS[state.Type])
    this.#mayStop(name, 'entered')
    const way = await this.#perform(name, state, input)
    if (JSON.stringify([way.output, way.assigned]).length > MAX_STATE_BYTES)
      throw new StateError('States.DataLimitExceeded', name)
    return way
  }

  async #perform(name: string, state: State, input: unknown): Promise<Way> {
    if (state.Type === 'Task') return this.#task(name, state, input)
    const scope = this.#scope(name, { input })
    if (state.Type === 'Wait') {
      const seconds = Number(await evaluated(state.Seconds, scope))
      if (!Number.isInteger(seconds)) throw new StateError('States.Runtime', `${name} waits for ${state.Seconds}`)
      this.#pass(seconds * 1_000)
      return { output: input, assigned: {}, next: state.Next }
    }
    if (state.Type === 'Pass') return this.#way(state, scope, 'Next' in state ? state.Next : undefined)
    for (const rule of state.Choices) {
      const holds = await evaluated(rule.Condition, scope)
      if (typeof holds !== 'boolean')
        throw new StateError('States.QueryEvaluationError', `${rule.Condition}: no boolean`)
      if (holds) return this.#way({ ...rule, Output: input }, scope, rule.Next)
    }
    return { output: input, assigned: {}, next: state.Default }
  }

  async #way(
    { Assign = {}, Output }: { readonly Assign?: Readonly<Record<string, unknown>>; readonly Output: unknown },
    scope: Scope,
    next: string | undefined,
  ): Promise<Way> {
    const output = await evaluated(Output, scope)
    const assigned = await evaluated(Assign, scope)
    return { output, assigned: Object.fromEntries(Object.entries(assigned ?? {})), next }
  }

  async #task(name: string, state: TaskState, input: unknown): Promise<Way> {
    const tries = new Map<Retrier, number>()
    for (;;) {
      try {
        const result = await this.#attempt(name, state, input)
        return await this.#way(state, this.#scope(name, { input, result }), state.Next)
      } catch (error) {
        if (!(error instanceof StateError)) throw error
        if (this.#retries(state.Retry, error, tries)) continue
        const catcher = state.Catch.find((one) => matches(one, error))
        if (catcher === undefined) throw error
        return await this.#way(catcher, this.#scope(name, { input, errorOutput: output(error) }), catcher.Next)
      }
    }
  }

  #retries(retriers: readonly Retrier[], error: StateError, tries: Map<Retrier, number>): boolean {
    const retrier = retriers.find((one) => matches(one, error))
    const made = retrier === undefined ? 0 : (tries.get(retrier) ?? 0)
    if (retrier === undefined || made >= retrier.MaxAttempts) return false
    tries.set(retrier, made + 1)
    this.#happened(EVENTS_OF_RETRY)
    this.#pass(pauseMs(retrier, made))
    return true
  }

  /** With the token in the context where the state waits for it; the call itself counts for its time as well. */
  async #attempt(name: string, state: TaskState, input: unknown): Promise<unknown> {
    const waits = state.Resource.endsWith('.waitForTaskToken')
    const token = `${this.#options.name}/${name}/${++this.#tokens}`
    const scope = this.#scope(name, { input }, waits ? { Task: { Token: token } } : {})
    const call = {
      state: name,
      resource: state.Resource,
      arguments: await evaluated(state.Arguments, scope),
      ...(waits && { token }),
    }
    const reply = await this.#options.worker.call(call)
    const called = this.#heard(name, reply, state.TimeoutSeconds * 1_000)
    if (!waits) return called
    const answer = (await this.#options.worker.answer?.(token)) ?? { tookMs: Number.POSITIVE_INFINITY }
    return this.#heard(name, withSigns(answer, state), state.TimeoutSeconds * 1_000 - reply.tookMs)
  }

  #heard(name: string, { tookMs, result, error }: Reply, withinMs: number): unknown {
    this.#pass(Math.min(tookMs, withinMs))
    this.#mayStop(name, 'answered')
    if (tookMs > withinMs) throw new StateError('States.Timeout', '')
    if (error !== undefined) throw new StateError(error.name, error.cause ?? '')
    return result
  }

  #scope(name: string, states: Readonly<Record<string, unknown>>, more: object = {}): Scope {
    const { clock, name: execution, input } = this.#options
    const [redriven] = this.#redrives.toReversed()
    const Execution = {
      ...{ Id: `arn:aws:states:eu-west-1:111122223333:execution:machine:${execution}`, Name: execution, Input: input },
      ...{ StartTime: new Date(this.#startedAt).toISOString(), RedriveCount: this.#redrives.length },
      ...(redriven !== undefined && { RedriveTime: new Date(redriven).toISOString() }),
    }
    const State = { Name: name, EnteredTime: new Date(clock.now()).toISOString() }
    const context = { Execution, State, ...more }
    return { states: { ...states, context }, variables: this.#position.variables, now: clock.now() }
  }

  #happened(events: number): void {
    this.#events += events
    if (this.#events > MAX_EVENTS) throw new StateError('States.Runtime', 'the history has too many events')
  }

  #pass(ms: number): void {
    const { clock } = this.#options
    const left = this.#endsBy - clock.now()
    clock.pass(Math.max(0, Math.min(ms, left)))
    if (ms > left) throw new TimeIsUp()
  }

  #mayStop(state: string, phase: Moment['phase']): void {
    const index = this.#moments++
    if (this.#options.stops?.({ state, phase, index }) === true) throw new Stopped()
  }
}

const output = ({ name, message }: StateError) => ({ Error: name, Cause: message })

/** Who waits for signs that do not come has an error as soon as the first one is missing. */
const withSigns = (answer: TokenReply, { HeartbeatSeconds }: TaskState): Reply => {
  const withinMs = (HeartbeatSeconds ?? Number.POSITIVE_INFINITY) * 1_000
  const { heartbeatEveryMs = Number.POSITIVE_INFINITY, tookMs } = answer
  if (Math.min(heartbeatEveryMs, tookMs) <= withinMs) return answer
  return { tookMs: withinMs, error: { name: 'States.HeartbeatTimeout' } }
}
