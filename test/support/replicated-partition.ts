import type { Head } from '../../shared/domain/head.ts'
import type { Hole } from '../../shared/domain/intake.ts'
import { stretchesOf, withLooped } from '../../shared/domain/looped-runs.ts'
import { extendRuns, type SealLimits, seal } from '../../shared/domain/offset-map.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import type { Run } from '../../shared/domain/run.ts'
import type { Position, SourcePosition } from '../../shared/domain/translation.ts'
import { translateCommitted, translateCommittedBack } from '../../shared/usecases/offset-map/translate.ts'
import { headIn } from '../../shared/usecases/snapshot-head.ts'
import { FakeLinkState } from '../fakes/link-state.ts'
import type { Crash, History, Slot, Step } from './histories.ts'

const PARTITION: PartitionId = { topic: 'orders', partition: 0 }
const DEADLINE = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }
const HOUR_MS = 3_600_000
const POLLED: ReadonlySet<Slot> = new Set(['data', 'filtered', 'quarantined', 'looped'])

/** What lies at one offset of the target; `undefined` instead: a record of somebody else. */
export interface Copy {
  readonly incarnation: string
  readonly source: bigint
}

/** An invocation that has read the head and appended, and has yet to write it down. */
interface Pending {
  readonly from: Head | undefined
  readonly incarnation: string
  readonly nextSource: bigint
  readonly runs: readonly Run[]
  readonly looped: readonly Hole[]
}

export interface WorldOptions {
  readonly limits?: SealLimits
  readonly retentionMs?: number
}

/**
 * A source log, a target log and the real offset map between them, played through a history of deliveries, crashes and
 * accidents. `truth` is kept apart from the map: which copy of a record was last written down as replicated.
 */
export class ReplicatedPartition {
  readonly target: (Copy | undefined)[] = []
  readonly state: FakeLinkState
  truth = new Map<bigint, bigint>()
  /** The source offsets that were written down as looped. */
  readonly looped = new Set<bigint>()
  slots: readonly Slot[] = []
  life = 0
  #nowMs = 0
  #delivered = 0
  readonly #limits: SealLimits | undefined
  readonly #asleep: Pending[] = []

  constructor({ limits, retentionMs }: WorldOptions = {}) {
    this.#limits = limits
    const clock = { now: () => this.#nowMs }
    this.state = new FakeLinkState(retentionMs === undefined ? { clock } : { clock, retentionMs })
  }

  static async after({ slots, steps }: History, options: WorldOptions = {}): Promise<ReplicatedPartition> {
    const world = new ReplicatedPartition(options)
    world.slots = slots
    for (const step of steps) await world.play(step)
    return world
  }

  get incarnation(): string {
    return `topic-id-${this.life}`
  }

  get head(): Head | undefined {
    return this.state.head(PARTITION)
  }

  /** The whole map of the present incarnation as it is stored: its pages, then its head. */
  get runs(): readonly Run[] {
    const head = this.head?.incarnation === this.incarnation ? this.head : undefined
    const open = head?.openRuns ?? []
    const sealed = this.state.pages(PARTITION, this.incarnation).flatMap(({ runs }) => runs)
    return [...sealed.filter(({ source }) => source < (open[0]?.source ?? 0n)), ...open]
  }

  translate(offset: bigint, incarnation = this.incarnation): Promise<Position> {
    return translateCommitted(this.#map(), { incarnation, offset }, DEADLINE)
  }

  translateBack(offset: bigint, incarnation = this.incarnation): Promise<SourcePosition> {
    return translateCommittedBack(this.#map(), { incarnation, offset }, DEADLINE)
  }

  async play(step: Step): Promise<void> {
    this.#nowMs += HOUR_MS
    if (step.kind === 'deliver') await this.#deliver(step.count, step.crash, step.foreign)
    else if (step.kind === 'redeliver') this.#delivered = Math.max(0, this.#delivered - step.back)
    else if (step.kind === 'foreign') this.#appendForeign(step.count)
    else if (step.kind === 'wake') await this.#wake()
    else this.#recreate(step.slots)
  }

  /** Delivers what is left, in large batches, without accidents. */
  async drain(): Promise<void> {
    while (this.#poll(1).length > 0) await this.play({ kind: 'deliver', count: 50, crash: 'none', foreign: 0 })
  }

  async #deliver(count: number, crash: Crash, foreign: number): Promise<void> {
    const batch = this.#poll(count)
    const end = batch.at(-1)
    if (end === undefined) return
    const head = await this.#read()
    const ours = head?.incarnation === this.incarnation ? head : undefined
    const fresh = batch.filter((offset) => BigInt(offset) >= (ours?.nextSource ?? 0n))
    if (fresh.length > 0 && crash !== 'before-append') {
      const runs = this.#append(fresh, foreign)
      const nextSource = BigInt(end) + 1n
      const looped = stretchesOf(fresh.filter((at) => this.slots[at] === 'looped'))
      const done = await this.#remember({ from: head, incarnation: this.incarnation, nextSource, runs, looped }, crash)
      if (!done) return
    }
    if (crash === 'none') this.#delivered = end + 1
  }

  /** The offsets of the next `count` records that a poller sees. */
  #poll(count: number): number[] {
    const seen: number[] = []
    for (let at = this.#delivered; at < this.slots.length && seen.length < count; at++) {
      const slot = this.slots[at]
      if (slot !== undefined && POLLED.has(slot)) seen.push(at)
    }
    return seen
  }

  #append(offsets: readonly number[], foreign: number): Run[] {
    const runs: Run[] = []
    for (const offset of offsets.filter((at) => this.slots[at] === 'data')) {
      if (foreign > 0 && offset % foreign === 0) this.target.push(undefined)
      runs.push({ source: BigInt(offset), target: BigInt(this.target.length), length: 1n })
      this.target.push({ incarnation: this.incarnation, source: BigInt(offset) })
    }
    return runs
  }

  /** Returns whether the checkpoint was written. */
  async #remember(pending: Pending, crash: Crash): Promise<boolean> {
    if (crash === 'after-append') return false
    if (crash === 'sleep') {
      this.#asleep.push(pending)
      return false
    }
    const { from, incarnation, nextSource, runs, looped } = pending
    const { pages, openRuns } = seal(from, this.#limits)
    await this.state.seal(PARTITION, pages)
    if (crash === 'after-seal') return false
    const kept = from?.incarnation === incarnation ? openRuns : []
    const nextTarget = (runs.at(-1)?.target ?? (from?.nextTarget ?? 0n) - 1n) + 1n
    const rest = { last: undefined, unverifiedFrom: undefined, epoch: 0, updatedAt: this.#nowMs }
    const to: Head = {
      incarnation,
      nextSource,
      nextTarget,
      openRuns: extendRuns(kept, withLooped(kept, runs, looped)),
      ...rest,
    }
    const outcome = await this.state.advance(PARTITION, from, to)
    if (outcome === 'advanced' && incarnation === this.incarnation) {
      for (const { source, target } of runs) this.truth.set(source, target)
      for (const { from: first, to: end } of looped) for (let at = first; at < end; at++) this.looped.add(at)
    }
    return outcome === 'advanced'
  }

  /** The invocation that has slept longest goes on, on a world that may have moved. */
  async #wake(): Promise<void> {
    const pending = this.#asleep.shift()
    if (pending !== undefined) await this.#remember(pending, 'none')
  }

  #recreate(slots: readonly Slot[]): void {
    this.life += 1
    this.slots = slots
    this.#delivered = 0
    this.truth = new Map()
    this.looped.clear()
  }

  #appendForeign(count: number): void {
    for (let written = 0; written < count; written++) this.target.push(undefined)
  }

  async #read(): Promise<Head | undefined> {
    return headIn(await this.state.read([PARTITION]), PARTITION)
  }

  #map() {
    return { partition: PARTITION, head: this.head, pages: this.state }
  }
}
