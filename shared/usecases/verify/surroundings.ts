import { isReplicated, sourceEnd } from '../../domain/run.ts'
import type { Comparison, LogStretch } from '../../domain/verify/comparison.ts'
import { NEIGHBOURS } from '../../domain/verify/neighbours.ts'
import { mapRuns } from '../offset-map/map-runs.ts'
import { edgesOf } from './log-edges.ts'
import { LogStream } from './log-stream.ts'
import type { RangeSetting } from './range-setting.ts'
import type { VerifyDeps } from './verify-ports.ts'

/** How many records that were put back from quarantine are looked for among records that no run covers. */
const MOST_REPLAYS = 500
/** How many source offsets behind a range are read for keys: replication goes on while we look. */
const MOST_LATER = 100_000n
/** Looking around takes as long at most, besides one fetch; what was not told by then is undecided. */
const LOOKS_FOR_MS = 5_000

/** What lies before and behind a range on either side, read for nothing but telling what the records in it are. */
export class Surroundings {
  readonly #setting: RangeSetting
  readonly #comparison: Comparison
  readonly #deps: VerifyDeps
  readonly #source: LogStream
  readonly #target: LogStream
  #lookedBack = false

  constructor(setting: RangeSetting, comparison: Comparison, deps: VerifyDeps) {
    const { range, deadline } = setting
    const { topic, partition } = range
    this.#setting = setting
    this.#comparison = comparison
    this.#deps = deps
    this.#source = new LogStream(deps.source, { topic, partition }, deadline)
    this.#target = new LogStream(deps.target, { topic: deps.targetTopic(topic), partition }, deadline)
  }

  /**
   * Once, for the first target records that no run covers: they lie before the record of source offset `before`. A late
   * invocation writes its copies behind the records; compaction may have left those on the target alone.
   */
  async lookBack(before: bigint, until: number): Promise<void> {
    if (!this.#comparison.isWaiting || this.#lookedBack) return
    this.#lookedBack = true
    const { from, sourceEdges } = this.#setting
    const to = from < before ? from : before
    const start = larger(to - BigInt(NEIGHBOURS), 0n)
    await this.#tellFrom(this.#source.between(larger(start, sourceEdges.start), to), until, this.#before)
    await this.#lookAlongMap(start, to, until)
    await this.close()
  }

  /** At copies alone: what no run covers there either is no copy because something like it came before. */
  async #lookAlongMap(from: bigint, to: bigint, until: number): Promise<void> {
    for await (const run of mapRuns(this.#setting.map, from, this.#setting.deadline)) {
      if (run.source >= to || !this.#comparison.isWaiting) return
      const [start, end] = [larger(run.source, from), smaller(sourceEnd(run), to)]
      if (!isReplicated(run) || start >= end) continue
      const shift = run.target - run.source
      await this.#tellFrom(this.#target.between(start + shift, end + shift), until, this.#before)
    }
  }

  readonly #before = (stretch: LogStretch): void => this.#comparison.before(stretch)

  /**
   * Looks as far ahead of source offset `next` as a copy can lie before its record, along the map too, since compaction may
   * have left that record on the target alone; and at what operators put back.
   */
  async lookAround(next: bigint, until: number): Promise<void> {
    if (!this.#comparison.isWaiting) return
    const { range, gaps, deadline } = this.#setting
    await this.#lookAlongMap(next, next + BigInt(NEIGHBOURS), until)
    // To the end as it is now: a record came after the edges were asked for, and its copy before the target's were told.
    const { topic, partition } = range
    const { stableEnd } = await edgesOf(this.#deps.source, { topic, partition }, deadline)
    await this.#tellFrom(this.#source.between(next, stableEnd), until, (stretch) => this.#comparison.behind(stretch))
    const replayed = gaps.filter(({ replayedAt }) => replayedAt !== undefined).slice(0, MOST_REPLAYS)
    for (const { from, to } of replayed)
      await this.#tellFrom(this.#source.between(from, to), until, ({ records }) => {
        for (const record of records) this.#comparison.replayed(record)
      })
  }

  /** Whether all that may have made compaction take records from the target was seen, up to the checkpoint. */
  async lookForKeys(until: number): Promise<boolean> {
    const { to, head, gaps } = this.#setting
    if (!this.#comparison.lacksKeys || to >= head.nextSource) return true
    if (head.nextSource - to > MOST_LATER) return false
    for await (const stretch of this.#source.between(to, head.nextSource)) {
      this.#comparison.later(stretch, gaps)
      if (stretch.to >= head.nextSource || !this.#comparison.lacksKeys) return true
      if (this.#deps.clock.now() >= until) return false
    }
    return false
  }

  async close(): Promise<void> {
    await Promise.all([this.#source.close(), this.#target.close()])
  }

  /** Until nothing waits to be told any more, or there is no time. */
  async #tellFrom(
    stretches: AsyncIterable<LogStretch>,
    until: number,
    tell: (stretch: LogStretch) => void,
  ): Promise<void> {
    for await (const stretch of stretches) {
      if (!this.#comparison.isWaiting) return
      tell(stretch)
      if (this.#deps.clock.now() >= until + LOOKS_FOR_MS) return this.#comparison.giveUpUndecided()
    }
  }
}

const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other)
const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)
