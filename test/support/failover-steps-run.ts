import type { StateMachineDefinition } from '../../infra/constructs/state-language.ts'
import type { HoldAnswer, StepCall } from '../../shared/domain/failover/step-call.ts'
import type { Ending } from './asl-errors.ts'
import { AslExecution, type Moment, type Reply, type TaskCall } from './asl-interpreter.ts'
import { FailoverMachine } from './failover-machine.ts'
import { FailoverWorld } from './failover-world.ts'
import { intercepted } from './intercepted-port.ts'
import { VirtualClock } from './virtual-clock.ts'

/** The call of a port at which the function dies, before it or after it, and what AWS says of that. */
export interface Death {
  readonly at: number
  readonly when: 'before' | 'after'
  readonly error: 'Runtime.ExitError' | 'Lambda.SdkClientException'
}

export interface StepsPlan {
  readonly death?: Death
  readonly stops?: (moment: Moment) => boolean
  /** What an operator says who is asked. @default `retry` */
  readonly says?: HoldAnswer['do']
  /** Somebody has to approve what the preflight says, and does. */
  readonly needsApproval?: boolean
  /** The hash of what is approved. @default what the preflight says */
  readonly approves?: string
}

class Died extends Error {}

/** The state machine with the real steps that change roles, in a world whose two sides anybody may try to write to. */
export class FailoverStepsRun {
  readonly world = new FailoverWorld()
  readonly execution: AslExecution
  /** How many calls of ports there were, and after which of them both sides could be written to. */
  portCalls = 0
  readonly bothWritable: number[] = []
  readonly #machine = new FailoverMachine(this.world, 'east', 'one')
  readonly #clock = new VirtualClock(this.world.now)
  readonly #plan: StepsPlan
  readonly #asked = new Map<string, StepCall>()
  #held = 0

  constructor(definition: StateMachineDefinition, plan: StepsPlan = {}) {
    this.#plan = plan
    this.#machine.found = { ...this.#machine.found, needsApproval: plan.needsApproval ?? false }
    this.execution = new AslExecution(definition, {
      ...{ name: 'one', input: this.#machine.input, clock: this.#clock, worker: this.#worker() },
      ...(plan.stops && { stops: plan.stops }),
    })
  }

  /** With records on both sides, and some on their way. */
  async run(): Promise<Ending> {
    this.world.write('west', 10)
    await this.world.drain('west-east')
    this.world.write('west', 5)
    return await this.#whileRunning(() => this.execution.run())
  }

  async redrive(): Promise<Ending> {
    this.#clock.pass(60_000)
    return await this.#whileRunning(() => this.execution.redrive())
  }

  async #whileRunning(runs: () => Promise<Ending>): Promise<Ending> {
    this.world.running.add(this.#machine.arn)
    const ending = await runs()
    this.world.running.delete(this.#machine.arn)
    for (const { mappings } of Object.values(this.world.links)) await mappings.settle()
    return ending
  }

  #worker() {
    return {
      call: (task: TaskCall) => this.#call(task),
      answer: async (token: string) => ({ tookMs: 1_000, result: this.#answer(this.#asked.get(token)) }),
    }
  }

  #answer(call: StepCall | undefined): object {
    if (call?.step === 'approve') return { hash: this.#plan.approves ?? call.hash, by: 'somebody' }
    return { do: this.#held++ > 2 ? 'end' : (this.#plan.says ?? 'retry') }
  }

  async #call({ arguments: given, token }: TaskCall): Promise<Reply> {
    const { Payload } = given as { readonly Payload: StepCall }
    if (token !== undefined) {
      this.#asked.set(token, Payload)
      return { tookMs: 100 }
    }
    const startedAt = this.#clock.now()
    this.world.now = startedAt
    try {
      const answer = await this.#machine.call(Payload.step, this.#dying(), Payload.approved)
      return { tookMs: this.world.now - startedAt + 20, result: { Payload: answer } }
    } catch (error) {
      if (!(error instanceof Died)) throw error
      const name = this.#plan.death?.error ?? 'Runtime.ExitError'
      return { tookMs: this.world.now - startedAt + 20, error: { name } }
    }
  }

  /** Of one invocation: whatever it calls after its death never comes about. */
  #dying() {
    let dead = false
    const { death } = this.#plan
    const die = (): never => {
      dead = true
      throw new Died()
    }
    return <Port extends object>(port: Port): Port =>
      intercepted(port, async (_method, _args, call) => {
        if (dead) throw new Died()
        const due = ++this.portCalls === death?.at
        if (due && death?.when === 'before') die()
        const result = await call()
        if (this.world.isWritable('west') && this.world.isWritable('east')) this.bothWritable.push(this.portCalls)
        return due ? die() : result
      })
  }
}
