import type { Gap, Head } from '../../domain/head.ts'
import type { Hole } from '../../domain/intake.ts'
import { type Comparison, type LogStretch, outside } from '../../domain/verify/comparison.ts'
import { MapWalk, type Segment } from '../../domain/verify/map-walk.ts'
import { NEIGHBOURS } from '../../domain/verify/neighbours.ts'
import type { LogEdges } from '../log-ports.ts'
import { mapRuns, type WholeMap } from '../offset-map/map-runs.ts'
import type { Deadline } from '../ports.ts'
import { edgesOf } from './log-edges.ts'
import { LogStream } from './log-stream.ts'
import type { RangeReport, VerifyDeps, VerifyRange } from './verify-ports.ts'

/** What is known before the first record is read. */
export interface RangeSetting {
  readonly range: VerifyRange
  readonly map: WholeMap
  readonly head: Head
  readonly gaps: readonly Gap[]
  readonly from: bigint
  readonly to: bigint
  readonly sourceEdges: LogEdges
  readonly targetEdges: LogEdges
  readonly deadline: Deadline
}

/** How many records that were put back from quarantine are looked for among records that no run covers. */
const MOST_REPLAYS = 500
/** How many target offsets in a row that no run covers are read: somebody else may have written into it for days. */
const MOST_UNCOVERED = 200_000n

/** How many source offsets behind a range are read for keys: replication goes on while we look. */
const MOST_LATER = 100_000n

/** One look at one range. */
export class RangeVerification {
  readonly #setting: RangeSetting
  readonly #comparison: Comparison
  readonly #deps: VerifyDeps
  readonly #source: LogStream
  /** Beside the range; other streams, so that what the first ones hold is not read again. */
  readonly #sourceAround: LogStream
  readonly #targetAround: LogStream
  readonly #target: LogStream
  #next: bigint
  #heldBy: 'source' | 'target' | undefined
  #lookedBack = false

  constructor(setting: RangeSetting, comparison: Comparison, deps: VerifyDeps) {
    const { range, deadline } = setting
    const { topic, partition } = range
    this.#setting = setting
    this.#comparison = comparison
    this.#deps = deps
    this.#source = new LogStream(deps.source, { topic, partition }, deadline)
    this.#sourceAround = new LogStream(deps.source, { topic, partition }, deadline)
    this.#target = new LogStream(deps.target, { topic: deps.targetTopic(topic), partition }, deadline)
    this.#targetAround = new LogStream(deps.target, { topic: deps.targetTopic(topic), partition }, deadline)
    this.#next = setting.from
  }

  async run(until: number): Promise<RangeReport> {
    const { from, to } = this.#setting
    const walk = new MapWalk(from, to)
    const done = from >= to || (await this.#walk(walk, until))
    if (done) await this.#lookAtTail(walk)
    await this.#lookAround()
    this.#comparison.end({ toTheEnd: done && (await this.#lookForKeys(until)) })
    await this.#confirmHoles()
    const { counts, findings } = this.#comparison
    const { topic, partition } = this.#setting.range
    return {
      topic,
      partition,
      from,
      next: this.#next,
      more: !done && this.#heldBy === undefined,
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
    if (segment.kind === 'uncovered') return await this.#uncovered(segment, segment.before)
    if (segment.kind === 'looped' || (segment.kind === 'run' && this.#setting.range.holesOnly)) {
      if (segment.kind === 'looped') this.#comparison.looped(segment)
      this.#next = segment.to
      return true
    }
    for await (const stretch of this.#source.between(segment.from, segment.to)) {
      if (segment.kind === 'hole') await this.#hole(stretch)
      else if (!(await this.#run(stretch, segment.shift))) return false
      this.#next = stretch.to
      if (this.#deps.clock.now() >= until) return this.#next >= this.#setting.to
    }
    if (this.#next < segment.to) this.#heldBy = 'source'
    return this.#heldBy === undefined
  }

  async #run(stretch: LogStretch, shift: bigint): Promise<boolean> {
    const copies: LogStretch[] = []
    if (!stretch.trimmed)
      for await (const copy of this.#target.between(stretch.from + shift, stretch.to + shift)) copies.push(copy)
    const reached = stretch.trimmed ? stretch.to : (copies.at(-1)?.to ?? stretch.from + shift) - shift
    this.#comparison.run(upTo(stretch, reached), copies, shift)
    this.#next = reached
    if (reached < stretch.to) this.#heldBy = 'target'
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

  /** Always true: what cannot be read of it yet will be compared by no run either. */
  async #uncovered({ from, to }: Hole, before: bigint): Promise<true> {
    const { range, sourceEdges } = this.#setting
    if (range.holesOnly) return true
    // Where the records are gone that they may be copies of, nobody can tell.
    const most = before < sourceEdges.start ? 0n : MOST_UNCOVERED
    const end = to - from > most ? from + most : to
    for await (const stretch of this.#target.between(from, end)) this.#comparison.uncovered(stretch)
    this.#comparison.counts.undecided += Number(to - end)
    if (this.#comparison.isWaiting && !this.#lookedBack) {
      this.#lookedBack = true
      await this.#lookBack(this.#setting.from < before ? this.#setting.from : before, from)
    }
    return true
  }

  /** A late invocation writes its copies behind the records; compaction may have left those on the target alone. */
  async #lookBack(before: bigint, beforeOnTarget: bigint): Promise<void> {
    const { sourceEdges, targetEdges } = this.#setting
    await this.#lookBackAt(this.#sourceAround, larger(before - BigInt(NEIGHBOURS), sourceEdges.start), before)
    const from = larger(beforeOnTarget - BigInt(NEIGHBOURS), targetEdges.start)
    await this.#lookBackAt(this.#targetAround, from, beforeOnTarget)
  }

  async #lookBackAt(stream: LogStream, from: bigint, to: bigint): Promise<void> {
    for await (const stretch of stream.between(from, to)) {
      if (!this.#comparison.isWaiting) return
      this.#comparison.before(stretch)
    }
  }

  /** Behind the last run lie records that are being appended now, copies that a crash left, or foreign ones. */
  async #lookAtTail(walk: MapWalk): Promise<void> {
    const { to, head, targetEdges } = this.#setting
    const from = walk.targetEnd
    if (to < head.nextSource || from === undefined || from >= targetEdges.stableEnd) return
    await this.#uncovered({ from, to: targetEdges.stableEnd }, to)
  }

  /** Looks ahead as far as a copy can lie before its record, and at what operators put back. */
  async #lookAround(): Promise<void> {
    const { gaps, deadline } = this.#setting
    if (this.#comparison.isWaiting) await this.#lookAhead()
    const replayed = gaps.filter(({ replayedAt }) => replayedAt !== undefined).slice(0, MOST_REPLAYS)
    const { topic, partition } = this.#setting.range
    const stream = new LogStream(this.#deps.source, { topic, partition }, deadline)
    for (const { from, to } of replayed) {
      if (!this.#comparison.isWaiting) return
      for await (const { records } of stream.between(from, to))
        for (const record of records) this.#comparison.replayed(record)
    }
  }

  /** To the end as it is now: a record came after the edges were asked for, and its copy before the target's were told. */
  async #lookAhead(): Promise<void> {
    const { range, deadline } = this.#setting
    const { topic, partition } = range
    const { stableEnd } = await edgesOf(this.#deps.source, { topic, partition }, deadline)
    for await (const stretch of this.#sourceAround.between(this.#next, stableEnd)) {
      if (!this.#comparison.isWaiting) return
      this.#comparison.behind(stretch)
    }
  }

  /** Whether all that may have made compaction take records from the target was seen, up to the checkpoint. */
  async #lookForKeys(until: number): Promise<boolean> {
    const { to, head, gaps } = this.#setting
    if (!this.#comparison.lacksKeys || to >= head.nextSource) return true
    if (head.nextSource - to > MOST_LATER) return false
    for await (const stretch of this.#sourceAround.between(to, head.nextSource)) {
      this.#comparison.later(stretch, gaps)
      if (stretch.to >= head.nextSource || !this.#comparison.lacksKeys) return true
      if (this.#deps.clock.now() >= until) return false
    }
    return false
  }

  async #confirmHoles(): Promise<void> {
    const { head, from, range, deadline } = this.#setting
    if (head.unverifiedFrom === undefined || from > head.unverifiedFrom) return
    const unreplicated = this.#comparison.firstUnreplicated
    const to = unreplicated !== undefined && unreplicated < this.#next ? unreplicated : this.#next
    await this.#deps.state.confirmHoles(range, head, to, deadline)
  }
}

const upTo = (stretch: LogStretch, to: bigint): LogStretch =>
  to === stretch.to ? stretch : { ...stretch, to, records: stretch.records.filter(({ offset }) => offset < to) }

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)
