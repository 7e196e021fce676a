import type { AccessStep } from '../../domain/access/access-step.ts'
import type { OwnRight, RegisteredRight } from '../../domain/access/own-right.ts'
import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import { inLanes } from '../lanes.ts'
import type { Deadline } from '../ports.ts'
import type { AccessLedger, PerRight } from './access-ports.ts'

/** `skipped`: not tried, since something that has to be done before was not. */
export type AccessOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed' | 'skipped'; readonly error: ReplicationError }

/** How steps of one kind are done. */
export interface RightChange<Step extends AccessStep> {
  /** For people, as "granting". */
  readonly doing: string
  readonly steps: readonly Step[]
  /** As the answers of the target name it. */
  text(step: Step): string
  ask(steps: readonly Step[]): Promise<PerRight>
}

/** A table answers a few thousand requests a second over so many connections. */
const LANES = 50

/**
 * Changes rights on the target, and notes what became of each step. A right is registered before it is made and forgotten
 * after it was taken away: whoever dies in between leaves an entry without a right, never a right of ours without an
 * entry. Never throws.
 */
export class RightChanges {
  readonly outcomes = new Map<AccessStep, AccessOutcome>()
  readonly #registry: AccessLedger
  readonly #deadline: Deadline

  constructor(registry: AccessLedger, deadline: Deadline) {
    this.#registry = registry
    this.#deadline = deadline
  }

  isDone(step: AccessStep): boolean {
    return this.outcomes.get(step)?.kind === 'done'
  }

  skip(step: AccessStep, error: ReplicationError): void {
    this.outcomes.set(step, { kind: 'skipped', error })
  }

  async make<Step extends AccessStep>(change: RightChange<Step>, right: (step: Step) => OwnRight): Promise<void> {
    const { doing, steps } = change
    await this.#each(steps, `registering before ${doing}`, (step) =>
      this.#registry.remember(right(step), this.#deadline),
    )
    const registered = steps.filter((step) => this.isDone(step))
    await this.#ask({ ...change, steps: registered })
  }

  /** An entry that somebody renewed meanwhile stays, since its right was made again. */
  async takeAway<Step extends AccessStep & { readonly entry: RegisteredRight }>(
    change: RightChange<Step>,
  ): Promise<void> {
    await this.#ask(change)
    const gone = change.steps.filter((step) => this.isDone(step))
    await this.#each(gone, `forgetting after ${change.doing}`, ({ entry }) =>
      this.#registry.forget(entry, this.#deadline),
    )
  }

  async #each<Step extends AccessStep>(
    steps: readonly Step[],
    doing: string,
    act: (step: Step) => Promise<unknown>,
  ): Promise<void> {
    await inLanes(steps, LANES, async (step) => {
      try {
        await act(step)
        this.outcomes.set(step, { kind: 'done' })
      } catch (error) {
        this.#fail(step, error, doing)
      }
    })
  }

  async #ask<Step extends AccessStep>({ doing, steps, text, ask }: RightChange<Step>): Promise<void> {
    if (steps.length === 0) return
    try {
      const answers = await ask(steps)
      for (const step of steps) this.#note(step, answers.get(text(step)), doing)
    } catch (error) {
      for (const step of steps) this.#fail(step, error, doing)
    }
  }

  #note(step: AccessStep, answer: 'done' | ReplicationError | undefined, doing: string): void {
    if (answer === 'done') this.outcomes.set(step, { kind: 'done' })
    else
      this.#fail(step, answer ?? new ReplicationError('UNEXPECTED', `${doing}: the answer does not mention it`), doing)
  }

  #fail(step: AccessStep, error: unknown, doing: string): void {
    this.outcomes.set(step, { kind: 'failed', error: asReplicationError(error, doing) })
  }
}
