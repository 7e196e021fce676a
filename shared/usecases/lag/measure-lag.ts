import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import type { LagMemory } from '../../domain/lag/lag-memory.ts'
import type { LagReport } from '../../domain/lag/lag-report.ts'
import type { Lease } from '../lease-ports.ts'
import type { Deadline } from '../ports.ts'
import type { LagDeps } from './lag-deps.ts'
import { sampleLag } from './sample-lag.ts'

export interface MeasureLagDeps extends LagDeps {
  readonly lease: Lease
  /** Waits; resolves to whether the deadline was not met meanwhile. */
  readonly rest: (ms: number, deadline: Deadline) => Promise<boolean>
  /** Told of every sample. `whole`: once in an invocation, when topics and groups are told of as well. */
  readonly tell: (report: LagReport, told: { readonly whole: boolean }) => void
  readonly fail: (error: ReplicationError) => void
}

/** How often, until when, and as whom. */
export interface LagTurn {
  readonly owner: string
  readonly everyMs: number
  /** No sample begins after that; milliseconds since 1970. */
  readonly until: number
}

/** What one invocation did. */
export interface LagTurnReport {
  readonly samples: number
  /** How often another invocation was at it. */
  readonly held: number
  readonly failed: number
}

/** Keeps the lease over a sample that is late; who dies with it is followed within three samples. */
const LEASE_SAMPLES = 2.5

/**
 * Takes samples, one after the other, while no other invocation does. A sample that fails is followed by the next one;
 * throws when none succeeded although it was this invocation's turn, so that whoever watches the function hears of it.
 */
export const measureLag = async (turn: LagTurn, deadline: Deadline, deps: MeasureLagDeps): Promise<LagTurnReport> => {
  const run = new Run(turn, deps)
  for (let next = deps.clock.now(); next <= turn.until; next += turn.everyMs) {
    if (!(await deps.rest(next - deps.clock.now(), deadline))) break
    await run.tick(deadline)
  }
  await run.end(deadline)
  return run.report
}

class Run {
  readonly #turn: LagTurn
  readonly #deps: MeasureLagDeps
  /** What was remembered last, as long as nobody else has had the lease. */
  #memory: { readonly last: LagMemory | undefined } | undefined
  #counts: LagTurnReport = { samples: 0, held: 0, failed: 0 }
  #lastError: ReplicationError | undefined

  constructor(turn: LagTurn, deps: MeasureLagDeps) {
    this.#turn = turn
    this.#deps = deps
  }

  get report(): LagTurnReport {
    if (this.#counts.samples === 0 && this.#lastError !== undefined) throw this.#lastError
    return this.#counts
  }

  async tick(deadline: Deadline): Promise<void> {
    const within = this.#deps.within(this.#turn.everyMs, deadline)
    try {
      if (await this.#isOurs(within)) await this.#sample(within)
    } catch (error) {
      this.#lastError = asReplicationError(error, `measuring the lag of ${this.#deps.link.name}`)
      this.#memory = undefined
      this.#count('failed')
      this.#deps.fail(this.#lastError)
    } finally {
      within.end()
    }
  }

  /** A lease that is not given back runs out by itself. */
  async end(deadline: Deadline): Promise<void> {
    if (this.#counts.samples === 0) return
    const { lease, link, fail } = this.#deps
    try {
      await lease.release(this.#turn.owner, deadline)
    } catch (error) {
      fail(asReplicationError(error, `giving back the lease on the lag of ${link.name}`))
    }
  }

  async #isOurs(deadline: Deadline): Promise<boolean> {
    const { owner, everyMs } = this.#turn
    const now = this.#deps.clock.now()
    const answer = await this.#deps.lease.acquire(owner, now, now + LEASE_SAMPLES * everyMs, deadline)
    if (answer === 'acquired') return true
    this.#memory = undefined
    this.#count('held')
    return false
  }

  async #sample(deadline: Deadline): Promise<void> {
    const { ledger, tell } = this.#deps
    const whole = this.#counts.samples === 0
    this.#memory ??= { last: await ledger.read(deadline) }
    const { report, memory } = await sampleLag(this.#memory.last, deadline, this.#deps, { withGroups: whole })
    const outcome = await ledger.remember(memory, deadline)
    this.#memory = outcome === 'remembered' ? { last: memory } : undefined
    if (outcome === 'superseded') return this.#count('held')
    this.#count('samples')
    tell(report, { whole })
  }

  #count(what: keyof LagTurnReport): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + 1 }
  }
}
