import type { FailoverInput } from '../../shared/domain/failover/failover-input.ts'
import type { AnyStep, StepAnswer } from '../../shared/domain/failover/failover-step.ts'
import { FAILOVER_STEPS } from '../../shared/domain/failover/failover-step.ts'
import type { Approved } from '../../shared/domain/failover/step-call.ts'
import { approve } from '../../shared/usecases/failover/approve.ts'
import { boundary } from '../../shared/usecases/failover/boundary.ts'
import type { CoreDeps } from '../../shared/usecases/failover/failover-deps.ts'
import type { PerformStep, StepContext } from '../../shared/usecases/failover/failover-ports.ts'
import { lock } from '../../shared/usecases/failover/lock.ts'
import { promote } from '../../shared/usecases/failover/promote.ts'
import { release } from '../../shared/usecases/failover/release.ts'
import { reverse } from '../../shared/usecases/failover/reverse.ts'
import { rollback } from '../../shared/usecases/failover/rollback.ts'
import { runStep, type Steps } from '../../shared/usecases/failover/run-step.ts'
import { stop } from '../../shared/usecases/failover/stop.ts'
import { validate } from '../../shared/usecases/failover/validate.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import { storyPreflight } from './failover-story.ts'
import { type FailoverWorld, inputOf, OTHER, type Side, wayTo } from './failover-world.ts'
import { inTime } from './in-time.ts'

type Ending = 'done' | 'drilled' | 'rolled-back' | 'held'
type CalledStep = Exclude<AnyStep, 'gate'>

/** What wraps every port that a step works with. */
export type Wrap = <Port extends object>(port: Port) => Port

const MOST_CALLS = 60

/** One execution of a failover in a world, step by step, as the state machine would call them. */
export class FailoverMachine {
  readonly name: string
  readonly arn: string
  readonly input: FailoverInput
  /** What each step answered last. */
  readonly answers = new Map<CalledStep, StepAnswer>()
  /** Runs before the step, once. */
  readonly meanwhile = new Map<CalledStep, () => unknown>()
  /** Steps that are refused although nothing is wrong. */
  readonly refusing = new Set<CalledStep>()
  /** What the preflight says. */
  found: NonNullable<StepAnswer['data']> = { hash: 'hash', passed: true, needsApproval: false }
  /** The step that is being done. */
  calling: CalledStep | undefined
  readonly #world: FailoverWorld
  readonly #to: Side

  constructor(world: FailoverWorld, to: Side, name: string, changes: Partial<FailoverInput> = {}) {
    this.#world = world
    this.#to = to
    this.name = name
    this.arn = `arn:aws:states:eu-west-1:111122223333:execution:${wayTo(to)}:${name}`
    this.input = inputOf(changes)
  }

  /** All of it. */
  async run(wrap: Wrap = (port) => port): Promise<Ending> {
    this.#world.running.add(this.arn)
    try {
      return await this.#run(wrap)
    } finally {
      this.#world.running.delete(this.arn)
    }
  }

  async #run(wrap: Wrap): Promise<Ending> {
    for (const step of FAILOVER_STEPS) {
      if (step === 'gate') continue
      const { outcome } = await this.repeat(step, wrap)
      if (outcome === 'done') continue
      const undone = await this.repeat('rollback', wrap)
      return await this.#end(undone.outcome === 'done' ? 'rolled-back' : 'held', wrap)
    }
    return await this.#end(this.input.mode === 'drill' ? 'drilled' : 'done', wrap)
  }

  async #end(ending: Ending, wrap: Wrap): Promise<Ending> {
    await this.repeat('release', wrap)
    return ending
  }

  /** Until it is done or refused, or was called too often. */
  async repeat(step: CalledStep, wrap: Wrap = (port) => port): Promise<StepAnswer> {
    await this.meanwhile.get(step)?.()
    this.meanwhile.delete(step)
    for (let calls = 0; ; calls++) {
      const answer = await this.call(step, wrap)
      if (answer.outcome !== 'again' || calls === MOST_CALLS) return answer
      this.#world.now += 1_000
    }
  }

  async call(step: CalledStep, wrap: Wrap = (port) => port, approved?: Approved): Promise<StepAnswer> {
    this.calling = step
    const deps = wrapped(this.#world.depsTo(this.#to), wrap)
    const { table } = this.#world.links[wayTo(this.#to)]
    const execution = { name: this.name, arn: this.arn, startedAt: 0, input: this.input }
    const run = { ledger: wrap(table), clock: deps.clock, steps: this.#steps(), deps }
    const call = { step, attempt: 1, ...(approved && { approved }) }
    const answer = await runStep(call, execution, inTime(), run)
    this.answers.set(step, answer)
    return answer
  }

  #steps(): Steps<CoreDeps> {
    const steps: Steps<CoreDeps> = {
      ...{ validate, lock, stop, boundary, promote, reverse, rollback, release },
      preflight: async ({ execution: { input } }) => ({
        ...{ outcome: 'done', message: 'played by the test', data: { ...this.found } },
        facts: { report: { ...storyPreflight, ...input } },
      }),
      approve: async (context, deadline) =>
        context.call.approved === undefined ? nothing(context, deadline, undefined) : noted(context, deadline),
      hold: nothing,
      prove: nothing,
      switch: nothing,
      verify: nothing,
      report: nothing,
      fence: this.#effect(() => this.#fence()),
      drain: this.#effect(() => this.#drain()),
      groups: this.#effect(() => this.#groups()),
    }
    const refuse: PerformStep<CoreDeps> = async () => ({ outcome: 'refused', message: 'the test says so' })
    return { ...steps, ...Object.fromEntries([...this.refusing].map((step) => [step, refuse])) }
  }

  #effect(effect: () => unknown): PerformStep<CoreDeps> {
    return async ({ effects }) => {
      if (effects) await effect()
      return { outcome: 'done', message: 'played by the test' }
    }
  }

  #fence(): void {
    this.#world.clusters[OTHER[this.#to]].fenced = true
  }

  async #drain(): Promise<void> {
    if (this.#world.clusters[OTHER[this.#to]].up) await this.#world.drain(wayTo(this.#to))
  }

  async #groups(): Promise<void> {
    if (this.#world.clusters[OTHER[this.#to]].up) for (const _ of [1, 2]) await this.#world.passGroups(wayTo(this.#to))
  }
}

const nothing: PerformStep<unknown> = async () => ({ outcome: 'done', message: 'played by the test' })

/** What was answered to a question, without the question. */
const noted = (context: StepContext, deadline: Deadline) =>
  approve(context, deadline, {
    questions: { ask: async () => undefined, question: async () => undefined },
    clock: { now: () => 0 },
    asked: () => undefined,
  })

/** The same, each port wrapped. */
export const wrapped = (deps: CoreDeps, wrap: Wrap): CoreDeps => ({
  ...deps,
  from: { topics: wrap(deps.from.topics), log: wrap(deps.from.log) },
  to: { topics: wrap(deps.to.topics), log: wrap(deps.to.log) },
  forward: { ...each(deps.forward, wrap) },
  ...(deps.reverse && { reverse: each(deps.reverse, wrap) }),
  executions: wrap(deps.executions),
  gate: wrap(deps.gate),
})

const each = <Ports extends object>(ports: Ports, wrap: Wrap): Ports => {
  const entries = Object.entries(ports).map(([name, port]) => [name, wrap(port as object)])
  return Object.fromEntries(entries) as Ports
}
