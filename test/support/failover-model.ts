import type { StepAnswer } from '../../shared/domain/failover/failover-step.ts'
import type { StepCall } from '../../shared/domain/failover/step-call.ts'
import type { LinkStatus } from '../../shared/domain/head.ts'

type Effect = () => void
type Step = StepCall['step']

/** What a step does to the pair, one write after the other, and what it answers then. */
export interface Work {
  readonly effects: readonly Effect[]
  readonly answer: () => StepAnswer
}

export interface PairChoices {
  /** Whether the fence keeps nobody out, so that only its proof tells. */
  readonly leaky?: boolean
  readonly passes?: boolean
  readonly needsApproval?: boolean
  /** Whether drills have nothing to practise. */
  readonly rests?: boolean
  /** Whether each preflight finds something else. */
  readonly restless?: boolean
  /** How often a step says `again` before it is done. */
  readonly slow?: Readonly<Partial<Record<Step, number>>>
}

const done = (data?: StepAnswer['data']): StepAnswer => ({
  outcome: 'done',
  message: 'done',
  ...(data !== undefined && { data }),
})
const refused = (message: string, data?: StepAnswer['data']): StepAnswer => ({
  outcome: 'refused',
  message,
  ...(data !== undefined && { data }),
})

/**
 * A pair and the steps of a failover in the least that a state machine can spoil: they check the lock as the real ones do, and
 * trust the machine with everything else, so that a wrong order shows.
 */
export class PairModel {
  forward: LinkStatus = { mode: 'forwarding', role: 'standby', epoch: 0 }
  reverse: LinkStatus = { mode: 'stopped', role: 'active', epoch: 0 }
  fenced = false
  clients: 'from' | 'to' = 'from'
  lock: { readonly by: string; readonly phase: 'acting' | 'closing' } | undefined
  /** Of executions that have begun and not ended. */
  readonly running = new Set<string>()
  readonly violations: string[] = []
  readonly reports: string[] = []
  /** How often somebody tried to give the lock back. */
  releases = 0
  /** Good ones that were noted. */
  drills = 0
  /** How often anything but a lock, a ledger and a report was written. */
  changes = 0
  readonly #boundaries = new Set<string>()
  readonly #epochs = new Map<string, number>()
  /** By execution: of its latest preflight, and of what was approved. */
  readonly #found = new Map<string, string>()
  readonly #approved = new Map<string, string>()
  readonly #ledger = new Map<string, StepAnswer>()
  readonly #again = new Map<string, number>()
  readonly #choices: PairChoices

  constructor(choices: PairChoices = {}) {
    this.#choices = choices
  }

  /** A good drill is noted, in so many milliseconds. */
  drilled(): number {
    this.drills++
    return 10
  }

  /** What the call of a step does; what the ledger has as done is answered again, and does nothing. */
  work(call: StepCall): Work {
    const asks = call.token !== undefined
    const key = `${call.execution.name}/${call.step}#${call.attempt}${asks ? ', asked' : ''}`
    const known = this.#ledger.get(key)
    if (known !== undefined) return { effects: [], answer: () => known }
    if (call.step === 'release') this.releases++
    const { effects, answer } = this.#step(call)
    const remembered = (): StepAnswer => {
      const given = this.#isSlow(key, call.step) ? { outcome: 'again' as const, message: 'not yet' } : answer()
      if (given.outcome === 'done' && !asks) this.#ledger.set(key, given)
      return given
    }
    return { effects: effects.map((effect) => () => this.#perform(effect)), answer: remembered }
  }

  #isSlow(key: string, step: Step): boolean {
    const times = (this.#again.get(key) ?? 0) + 1
    this.#again.set(key, times)
    return times <= (this.#choices.slow?.[step] ?? 0)
  }

  #perform(effect: Effect): void {
    effect()
    const { forward, reverse, clients } = this
    const fromWritable = !this.fenced || this.#choices.leaky === true
    if (forward.role === 'active' && fromWritable) this.violations.push('both sides are writable')
    if (forward.role === 'active' && forward.mode === 'forwarding')
      this.violations.push('what is replicated is appended to the active cluster')
    if (forward.mode === 'forwarding' && reverse.mode === 'forwarding') this.violations.push('both links forward')
    if (clients === 'to' && forward.role !== 'active') this.violations.push('clients follow to a standby')
  }

  #step(call: StepCall): Work {
    const by = call.execution.name
    if (isDrill(call)) return this.#inDrill(call)
    const steps: Readonly<Record<Step, () => Work>> = {
      validate: () => ({
        effects: [],
        answer: () => (this.forward.role === 'active' ? refused('active already') : done()),
      }),
      lock: () => this.#takeLock(by),
      preflight: () => this.#preflight(call),
      approve: () => this.#approve(call),
      fence: () => this.#acting(by, [() => this.#fence(by)]),
      prove: () => ({
        effects: [],
        answer: () => (this.#choices.leaky === true ? refused('a write came through') : done()),
      }),
      drain: () => this.#acting(by, []),
      groups: () => this.#acting(by, []),
      stop: () => this.#acting(by, [() => (this.forward = { ...this.forward, mode: 'stopped' })]),
      boundary: () => this.#acting(by, [() => this.#boundaries.add(by)]),
      promote: () => this.#acting(by, [() => this.#promote(by)]),
      switch: () => this.#acting(by, [() => (this.clients = 'to')]),
      verify: () => ({
        effects: [],
        answer: () => (this.forward.role === 'active' ? done() : refused('not promoted')),
      }),
      reverse: () =>
        this.#acting(by, [() => (this.reverse = { mode: 'forwarding', role: 'standby', epoch: this.#epoch(by) })]),
      rollback: () => this.#rollback(by),
      hold: () => ({ effects: [], answer: () => done() }),
      report: () => ({
        effects: [() => this.reports.push(call.ending ?? '')],
        answer: () => done({ report: `s3://${by}` }),
      }),
      release: () => ({ effects: [() => this.#release(by)], answer: () => done() }),
    }
    return steps[call.step]()
  }

  #inDrill(call: StepCall): Work {
    const by = call.execution.name
    if (call.step === 'validate') return { effects: [], answer: () => done(this.#choices.rests ? { rests: true } : {}) }
    if (call.step === 'lock') return this.#takeLock(by)
    if (call.step === 'preflight') return this.#preflight(call)
    if (call.step === 'release') return { effects: [() => this.#release(by)], answer: () => done() }
    return { effects: [], answer: () => done() }
  }

  #approve({ approved, execution: { name } }: StepCall): Work {
    if (approved === undefined) return { effects: [], answer: () => done() }
    const isFound = approved.hash === this.#found.get(name)
    const note = () => {
      if (isFound) this.#approved.set(name, approved.hash)
    }
    return { effects: [note], answer: () => (isFound ? done() : refused('something else was approved')) }
  }

  #fence(by: string): void {
    if (this.#choices.needsApproval === true && this.#approved.get(by) !== this.#found.get(by))
      this.violations.push('fenced without an approval that is written down')
    this.fenced = true
  }

  #preflight({ attempt, input, execution }: StepCall): Work {
    const { passes = true, needsApproval = false, restless = false } = this.#choices
    const data = {
      hash: `hash-${restless ? attempt : 1}`,
      passed: passes,
      needsApproval: needsApproval && !isDrill({ input }),
    }
    this.#found.set(execution.name, data.hash)
    return { effects: [], answer: () => done(data) }
  }

  /** Each write goes through only while the lock is held for acting, whenever it comes. */
  #acting(by: string, effects: readonly Effect[]): Work {
    const may = (): boolean => this.lock?.by === by && this.lock.phase === 'acting'
    const guarded =
      (effect: Effect): Effect =>
      () => {
        if (!may()) return
        this.changes++
        effect()
      }
    return { effects: effects.map(guarded), answer: () => (may() ? done() : refused('the lock is not ours')) }
  }

  #epoch(by: string): number {
    return this.#epochs.get(by) ?? Number.NaN
  }

  #takeLock(by: string): Work {
    const take = () => {
      if (this.lock !== undefined && this.lock.by !== by && this.running.has(this.lock.by)) return
      if (this.lock?.by === by && this.lock.phase === 'closing') return
      this.lock = { by, phase: 'acting' }
      this.#epochs.set(by, Math.max(this.forward.epoch, this.reverse.epoch) + 1)
    }
    return { effects: [take], answer: () => (this.lock?.by === by ? done() : refused(`${this.lock?.by} has the lock`)) }
  }

  #promote(by: string): void {
    if (!this.#boundaries.has(by)) this.violations.push('promoted without a boundary')
    this.forward = { mode: this.forward.mode, role: 'active', epoch: this.#epoch(by) }
  }

  /** Closes first, so that what is late comes to nothing; then it is known whether there was a promotion. */
  #rollback(by: string): Work {
    const own = (): boolean => this.lock?.by === by
    const mayUndo = (): boolean => own() && this.lock?.phase === 'closing' && this.forward.role !== 'active'
    const undo =
      (effect: Effect): Effect =>
      () => {
        if (mayUndo()) effect()
      }
    const close = () => {
      if (own() && this.forward.role !== 'active') this.lock = { by, phase: 'closing' }
    }
    return {
      effects: [
        close,
        undo(() => (this.forward = { ...this.forward, mode: 'forwarding' })),
        undo(() => (this.fenced = false)),
      ],
      answer: () => (own() && this.forward.role === 'active' ? refused('promoted', { promoted: true }) : done()),
    }
  }

  #release(by: string): void {
    if (this.lock?.by === by) this.lock = undefined
  }
}

const isDrill = ({ input }: Pick<StepCall, 'input'>): boolean =>
  typeof input === 'object' &&
  input !== null &&
  (('mode' in input && input.mode === 'drill') || ('dryRun' in input && input.dryRun === true))
