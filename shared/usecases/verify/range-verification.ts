import type { Hole } from '../../domain/intake.ts'
import { type Comparison, type LogStretch, outside } from '../../domain/verify/comparison.ts'
import { MapWalk, type Segment } from '../../domain/verify/map-walk.ts'
import { mapRuns } from '../offset-map/map-runs.ts'
import { LogStream } from './log-stream.ts'
import type { RangeSetting } from './range-setting.ts'
import { Surroundings } from './surroundings.ts'
import type { RangeReport, VerifyDeps } from './verify-ports.ts'

/** One look at one range. */
export class RangeVerification {
  readonly #setting: RangeSetting
  readonly #comparison: Comparison
  readonly #deps: VerifyDeps
  readonly #surroundings: Surroundings
  readonly #source: LogStream
  readonly #target: LogStream
  #next: bigint
  #heldBy: 'source' | 'target' | undefined
  /** Where to go on among target records that no run covers. */
  #uncoveredFrom: bigint | undefined

  constructor(setting: RangeSetting, comparison: Comparison, deps: VerifyDeps) {
    const { range, deadline } = setting
    const { topic, partition } = range
    this.#setting = setting
    this.#comparison = comparison
    this.#deps = deps
    this.#surroundings = new Surroundings(setting, comparison, deps)
    this.#source = new LogStream(deps.source, { topic, partition }, deadline)
    this.#target = new LogStream(deps.target, { topic: deps.targetTopic(topic), partition }, deadline)
    this.#next = setting.from
  }

  async run(until: number): Promise<RangeReport> {
    try {
      const isDone = await this.#read(until)
      await this.#confirmHoles()
      return this.#report(isDone)
    } finally {
      await Promise.all([this.#source.close(), this.#target.close(), this.#surroundings.close()])
    }
  }

  /** Whether there is no more in the range. */
  async #read(until: number): Promise<boolean> {
    const { from, to, range } = this.#setting
    const walk = new MapWalk(from, to, range.uncoveredFrom)
    const isWalked = from >= to || (await this.#walk(walk, until))
    const isDone = isWalked && (await this.#tail(walk, until))
    await Promise.all([this.#source.close(), this.#target.close()]) // what lies around takes memory too
    await this.#surroundings.lookAround(this.#next, until)
    const toTheEnd = isWalked && (await this.#surroundings.lookForKeys(until))
    this.#comparison.end({ toTheEnd })
    return isDone
  }

  #report(isDone: boolean): RangeReport {
    const { counts, findings } = this.#comparison
    const { range, from } = this.#setting
    return {
      topic: range.topic,
      partition: range.partition,
      from,
      next: this.#next,
      more: !isDone && this.#heldBy === undefined,
      ...(this.#uncoveredFrom !== undefined && { uncoveredFrom: this.#uncoveredFrom }),
      ...(this.#heldBy && { heldBy: this.#heldBy }),
      counts,
      findings,
    }
  }

  /** Whether the end of the range was reached. */
  async #walk(walk: MapWalk, until: number): Promise<boolean> {
    const { map, from, deadline } = this.#setting
    for await (const run of mapRuns(map, from === 0n ? from : from - 1n, deadline)) {
      if (!(await this.#segments(walk.step(run), until))) return false
      if (walk.done) return true
    }
    return await this.#segments(walk.end(), until)
  }

  async #segments(segments: readonly Segment[], until: number): Promise<boolean> {
    for (const segment of segments) if (!(await this.#segment(segment, until))) return false
    return true
  }

  /** Whether it was done to its end. */
  async #segment(segment: Segment, until: number): Promise<boolean> {
    if (segment.kind === 'uncovered') return await this.#uncovered(segment, segment.before, until)
    if (segment.kind === 'looped' || (segment.kind === 'run' && this.#setting.range.holesOnly)) {
      if (segment.kind === 'looped') this.#comparison.looped(segment)
      this.#next = segment.to
      return this.#deps.clock.now() < until || this.#next >= this.#setting.to
    }
    for await (const stretch of this.#source.between(segment.from, segment.to)) {
      if (segment.kind === 'hole') await this.#hole(stretch)
      else if (!(await this.#run(stretch, segment.shift, until))) return false
      this.#next = stretch.to
      if (this.#deps.clock.now() >= until) return this.#next >= this.#setting.to
    }
    if (this.#next < segment.to) this.#heldBy = 'source'
    return this.#heldBy === undefined
  }

  /** Piece by piece of the target, since its records may be larger than those of the source. */
  async #run(stretch: LogStretch, shift: bigint, until: number): Promise<boolean> {
    if (stretch.trimmed) {
      this.#comparison.trimmed(stretch)
      return true
    }
    for await (const copies of this.#target.between(stretch.from + shift, stretch.to + shift)) {
      this.#comparison.run(part(stretch, copies.from - shift, copies.to - shift), copies, shift)
      this.#next = copies.to - shift
      if (this.#next < stretch.to && this.#deps.clock.now() >= until) return false
    }
    if (this.#next < stretch.to) this.#heldBy = 'target'
    return this.#heldBy === undefined
  }

  async #hole(stretch: LogStretch): Promise<void> {
    const gaps = this.#setting.gaps.filter(({ from, to }) => from < stretch.to && stretch.from < to)
    this.#comparison.hole(stretch, gaps)
    const { unverifiedFrom } = this.#setting.head
    if (!stretch.trimmed || unverifiedFrom === undefined || stretch.to <= unverifiedFrom) return
    const from = stretch.from < unverifiedFrom ? unverifiedFrom : stretch.from
    for (const lost of outside(gaps, { from, to: stretch.to })) await this.#recordLost(lost)
  }

  async #recordLost({ from, to }: Hole): Promise<void> {
    const { range, head, sourceEdges, deadline } = this.#setting
    const reason = `retention on the source has taken everything below offset ${sourceEdges.start}, before anybody had read whether records were there`
    const gap = { incarnation: head.incarnation, from, to, kind: 'lost', reason, at: this.#deps.clock.now() } as const
    await this.#deps.state.recordGap(range, gap, deadline)
    this.#comparison.lost({ from, to })
  }

  /**
   * Whether all of them were looked at while there was time; those behind an open transaction wait for nobody, since no run
   * covers them either.
   */
  async #uncovered({ from, to }: Hole, before: bigint, until: number): Promise<boolean> {
    const { range, sourceEdges } = this.#setting
    const start = larger(from, range.uncoveredFrom ?? from)
    if (range.holesOnly || start >= to) return true
    // Where the records are gone that they may be copies of, nobody can tell.
    if (before < sourceEdges.start) {
      this.#comparison.counts.undecided += Number(to - start)
      return true
    }
    for await (const stretch of this.#target.between(start, to)) {
      this.#comparison.uncovered(stretch)
      if (stretch.to < to && this.#deps.clock.now() >= until) {
        this.#uncoveredFrom = stretch.to
        break
      }
    }
    await this.#surroundings.lookBack(before, until)
    return this.#uncoveredFrom === undefined
  }

  /** Behind the last run lie records that are being appended now, copies that a crash left, or foreign ones. */
  async #tail(walk: MapWalk, until: number): Promise<boolean> {
    const { to, head, targetEdges } = this.#setting
    const start = walk.targetEnd
    if (to < head.nextSource || start === undefined || start >= targetEdges.stableEnd) return true
    return await this.#uncovered({ from: start, to: targetEdges.stableEnd }, to, until)
  }

  async #confirmHoles(): Promise<void> {
    const { head, from, range, deadline } = this.#setting
    if (head.unverifiedFrom === undefined || from > head.unverifiedFrom) return
    const unreplicated = this.#comparison.firstUnreplicated
    const to = unreplicated !== undefined && unreplicated < this.#next ? unreplicated : this.#next
    await this.#deps.state.confirmHoles(range, head, to, deadline)
  }
}

const part = (stretch: LogStretch, from: bigint, to: bigint): LogStretch =>
  from === stretch.from && to === stretch.to
    ? stretch
    : { ...stretch, from, to, records: stretch.records.filter(({ offset }) => offset >= from && offset < to) }

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)
