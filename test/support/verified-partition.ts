import type { Gap, Head } from '../../shared/domain/head.ts'
import type { LogRecord } from '../../shared/domain/log-record.ts'
import { extendRuns, seal } from '../../shared/domain/offset-map.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import type { Run } from '../../shared/domain/run.ts'
import type { LogEdges } from '../../shared/usecases/log-ports.ts'
import type { RangeReport, VerifyDeps, VerifyRange } from '../../shared/usecases/verify/verify-ports.ts'
import { verifyRange } from '../../shared/usecases/verify/verify-range.ts'
import { FakeLinkState } from '../fakes/link-state.ts'
import { FakeLogReader } from '../fakes/log-reader.ts'
import { inTime } from './in-time.ts'

type NewRecord = Omit<LogRecord, 'offset'>

export const INCARNATION = 'AAAAAAAAAAAAAAAAAAAAAw'
export const SMALL_PAGES = { openRunsBytes: 20, pageBytes: 20 }
export const FIRST_HEAD: Head = {
  incarnation: INCARNATION,
  nextSource: 0n,
  nextTarget: 0n,
  openRuns: [],
  last: undefined,
  unverifiedFrom: undefined,
  epoch: 0,
  updatedAt: 0,
}

/** A record all of whose bytes follow from one word. */
export const worded = (word: string, own: Partial<NewRecord> = {}): NewRecord => ({
  timestamp: 1_700_000_000_000,
  key: Buffer.from(`key of ${word}`),
  value: Buffer.from(word),
  headers: [],
  ...own,
})

/** One replicated partition between two clusters in memory, and what a test does to it. */
export class VerifiedPartition {
  readonly source = new FakeLogReader('source')
  readonly target = new FakeLogReader('target')
  readonly state = new FakeLinkState()
  readonly onSource: PartitionId = { topic: 'orders', partition: 0 }
  readonly onTarget: PartitionId = { topic: 'copy.orders', partition: 0 }
  readonly deps: VerifyDeps
  now = 1_000
  /** A crash left copies of records behind the checkpoint, which are to be replicated again. */
  crashed = false

  constructor({ provenance = false, compacted = false } = {}) {
    this.source.createTopic(this.onSource.topic)
    this.target.createTopic(this.onTarget.topic)
    this.deps = {
      source: this.source,
      target: this.target,
      lives: { otherIncarnation: async () => undefined },
      state: this.state,
      clock: { now: () => this.now },
      targetTopic: (topic) => `copy.${topic}`,
      isCompacted: async () => compacted,
      provenance,
    }
  }

  produce(...words: readonly string[]): void {
    this.source.append(this.onSource, ...words.map((word) => worded(word)))
  }

  /** As the replicate function does it: what is committed from the checkpoint on; what is in between is a hole. */
  async replicate(
    how: { readonly crash?: boolean; readonly change?: (record: LogRecord) => NewRecord } = {},
  ): Promise<void> {
    const head = this.head ?? FIRST_HEAD
    const { records, next } = await this.#committed(head.nextSource)
    const runs = records.map((record): Run => {
      const { offset: _, ...copy } = record
      const target = this.target.append(this.onTarget, how.change?.(record) ?? copy)
      return { source: record.offset, target, length: 1n }
    })
    this.crashed = how.crash === true
    if (this.crashed) return
    await this.remember(runs, next)
  }

  /** Moves the checkpoint. */
  async remember(placed: readonly Run[], nextSource: bigint): Promise<void> {
    const before = this.head
    const { pages, openRuns } = seal(before, SMALL_PAGES)
    await this.state.seal(this.onSource, pages)
    const head = before ?? FIRST_HEAD
    const runs = extendRuns(openRuns, placed)
    const holeFrom = firstHole(head.nextSource, placed, nextSource)
    const last = runs.at(-1)
    const after = {
      ...head,
      openRuns: runs,
      nextSource,
      nextTarget: last === undefined || last.looped ? head.nextTarget : last.target + last.length,
      unverifiedFrom: head.unverifiedFrom ?? holeFrom,
    }
    const outcome = await this.state.advance(this.onSource, before, after)
    if (outcome !== 'advanced') throw new Error(`the checkpoint did not move: ${outcome}`)
  }

  async recordGap(from: bigint, to: bigint, own: Partial<Gap> = {}): Promise<void> {
    const gap: Gap = { incarnation: INCARNATION, from, to, kind: 'quarantined', reason: 'a test', at: 0, ...own }
    await this.state.recordGap(this.onSource, gap)
  }

  get head(): Head | undefined {
    return this.state.verifiedHead(this.onSource)
  }

  verify(range: Partial<VerifyRange> = {}, until = Number.POSITIVE_INFINITY): Promise<RangeReport> {
    return verifyRange({ ...this.onSource, from: 0n, ...range }, until, inTime(), this.deps)
  }

  /** Only the counts that are not zero. */
  async counts(range: Partial<VerifyRange> = {}): Promise<Record<string, number>> {
    const { counts } = await this.verify(range)
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))
  }

  async #committed(from: bigint): Promise<{ records: LogRecord[]; next: bigint }> {
    const records: LogRecord[] = []
    const edges = (await this.source.edges([this.onSource])).get(partitionName(this.onSource)) as LogEdges
    let next = from < edges.start ? edges.start : from
    while (next < edges.stableEnd) {
      const read = await this.source.read(this.onSource, next, { maxBytes: 1, isolation: 'committed' })
      if (read.kind !== 'read') throw new Error('the source log moved')
      records.push(...read.records)
      next = read.next
    }
    return { records, next: (records.at(-1)?.offset ?? from - 1n) + 1n }
  }
}

const firstHole = (from: bigint, placed: readonly Run[], to: bigint): bigint | undefined => {
  let at = from
  for (const { source, length } of placed) {
    if (source > at) return at
    at = source + length
  }
  return at < to ? at : undefined
}
