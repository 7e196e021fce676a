import type { Gap } from '../head.ts'
import type { Hole } from '../intake.ts'
import type { LogRecord, RecordlessStretch } from '../log-record.ts'
import { Neighbours } from './neighbours.ts'
import { bearsProvenance, differenceOf, digestOf, type RecordDigest } from './record-digest.ts'
import { SupersededKeys } from './superseded-keys.ts'
import { type Finding, noCounts, type VerifyCounts } from './verify-report.ts'

/** What a log holds from one offset to another. */
export interface LogStretch extends Hole {
  readonly records: readonly LogRecord[]
  readonly recordless: readonly RecordlessStretch[]
  /** The log begins later: retention, or somebody, has taken what was there. */
  readonly trimmed: boolean
}

export interface ComparisonOptions {
  readonly provenance: boolean
  /** Whether the target topic is compacted, so that records may be absent. */
  readonly compacted: boolean
}

/** The first of them are told with their coordinates, all are counted. */
const MOST_FINDINGS = 20

/** Compares two logs stretch by stretch, in the order of the source. Keeps hashes of some thousand records, and no content. */
export class Comparison {
  readonly counts: VerifyCounts = noCounts()
  readonly findings: Finding[] = []
  firstUnreplicated: bigint | undefined
  readonly #options: ComparisonOptions
  readonly #neighbours: Neighbours
  readonly #keys = new SupersededKeys()

  constructor(options: ComparisonOptions) {
    this.#options = options
    const foreign = (target: bigint): void =>
      options.provenance ? void this.counts.native++ : this.#find({ kind: 'foreign', target })
    this.#neighbours = new Neighbours(() => this.counts.duplicates++, foreign)
  }

  /** Whether later source records may tell what target records are that no run covers. */
  get isWaiting(): boolean {
    return this.#neighbours.isWaiting
  }

  /** Whether later source records may tell that compaction has rightly taken records from the target. */
  get lacksKeys(): boolean {
    return this.#keys.isWaiting
  }

  /** A stretch of a run: source offsets, and the target offsets `shift` above them. */
  run(source: LogStretch, target: LogStretch, shift: bigint): void {
    const onTarget = new Map(target.records.map((record) => [record.offset - shift, record]))
    for (const record of source.records) {
      const copy = onTarget.get(record.offset)
      onTarget.delete(record.offset)
      this.#pair(record, copy, record.offset + shift, target.trimmed)
    }
    for (const [offset, copy] of onTarget) this.#orphan(source, offset, copy)
  }

  /** A stretch of a run that retention has taken from the source. */
  trimmed({ from, to }: Hole): void {
    this.counts.trimmed += Number(to - from)
  }

  /** A stretch of source offsets that no run covers; `gaps` are the entries of the ledger that overlap it. */
  hole(source: LogStretch, gaps: readonly Gap[]): void {
    const explained = Number(source.to - source.from) - sum(outside(gaps, source))
    this.counts.gaps += explained
    for (const record of source.records) {
      const gap = gapAt(gaps, record.offset)
      const digest = digestOf(record, this.#options)
      if (gap !== undefined && isReplicated(gap)) this.#passSource(record, digest)
      else this.#neighbours.passSource(digest)
      if (record.aborted) this.counts.aborted++
      else if (gap === undefined) {
        this.firstUnreplicated ??= record.offset
        this.#find({ kind: 'unreplicated', source: record.offset })
      }
    }
  }

  /** Offsets that retention took before anybody had read them. */
  lost({ from, to }: Hole): void {
    this.counts.lost += Number(to - from) - 1
    this.#find({ kind: 'lost', source: from, to })
  }

  looped(source: Hole): void {
    this.counts.looped += Number(source.to - source.from)
  }

  /** Target records that no run covers. */
  uncovered({ records }: LogStretch): void {
    for (const record of records) {
      if (record.aborted) this.counts.aborted++
      else if (this.#options.provenance && !bearsProvenance(record)) this.#native(record)
      else this.#neighbours.meetUncovered(record.offset, digestOf(record, this.#options))
    }
  }

  /** Records before the range, on either side, for nothing but telling copies. */
  before({ records }: LogStretch): void {
    for (const record of records) this.#neighbours.passBefore(digestOf(record, this.#options))
  }

  /** Source records behind the range, for nothing but telling copies. */
  behind({ records }: LogStretch): void {
    for (const record of records) this.#neighbours.passSource(digestOf(record, this.#options))
  }

  /** Source records behind the range, for nothing but their keys. */
  later({ records }: LogStretch, gaps: readonly Gap[]): void {
    for (const record of records)
      if (!record.aborted && isReplicated(gapAt(gaps, record.offset)))
        this.counts.compacted += this.#keys.pass(digestOf(record, this.#options).key)
  }

  /** A quarantined record that an operator has put back. */
  replayed(record: LogRecord): void {
    this.counts.replayed += this.#neighbours.explain(digestOf(record, this.#options))
  }

  /** There is no time to look for the records that target records may be copies of. */
  giveUpUndecided(): void {
    this.counts.undecided += this.#neighbours.forget()
  }

  /** `toTheEnd`: all records up to the checkpoint were walked over, so that the last of each key was seen. */
  end({ toTheEnd }: { readonly toTheEnd: boolean }): void {
    this.#neighbours.giveUp()
    this.counts.undecided += this.#keys.undecided
    const { unexcused } = this.#keys
    if (!toTheEnd) this.counts.undecided += unexcused.length
    else for (const absent of unexcused) this.#find({ kind: 'missing', ...absent })
  }

  #pair(record: LogRecord, copy: LogRecord | undefined, target: bigint, targetTrimmed: boolean): void {
    const digest = digestOf(record, this.#options)
    this.#passSource(record, digest)
    if (targetTrimmed) this.counts.trimmed++
    else if (copy === undefined || (copy.aborted && !record.aborted)) this.#absent(record, digest, target)
    else this.#compare(record, digest, copy)
  }

  #compare(record: LogRecord, digest: RecordDigest, copy: LogRecord): void {
    const field = differenceOf(digest, digestOf(copy, this.#options))
    if (field === undefined) this.counts.verified++
    else this.#find({ kind: 'different', field, source: record.offset, target: copy.offset })
  }

  /** A compacted target may have lost it before the source did; a tombstone also with no successor. */
  #absent(record: LogRecord, { key }: RecordDigest, target: bigint): void {
    if (record.aborted) this.counts.aborted++
    else if (!this.#options.compacted) this.#find({ kind: 'missing', source: record.offset, target })
    else if (record.value === null) this.counts.compacted++
    else this.#keys.miss(key, { source: record.offset, target })
  }

  /** On the target, and not on the source any more: compaction took it there, or it never was a record. */
  #orphan(source: LogStretch, offset: bigint, copy: LogRecord): void {
    const recordless = source.recordless.some(({ from, to }) => from <= offset && offset < to)
    if (recordless) this.#find({ kind: 'misplaced', source: offset, target: copy.offset })
    else {
      this.counts.compacted++
      this.#neighbours.passSource(digestOf(copy, this.#options)) // what its record was
    }
  }

  #passSource(record: LogRecord, digest: RecordDigest): void {
    this.#neighbours.passSource(digest)
    if (this.#options.compacted && !record.aborted) this.counts.compacted += this.#keys.pass(digest.key)
  }

  /** Compaction takes what came before it of its key, and nothing of the source tells that. */
  #native(record: LogRecord): void {
    this.counts.native++
    if (this.#options.compacted) this.counts.compacted += this.#keys.pass(digestOf(record, this.#options).key)
  }

  #find(finding: Finding): void {
    this.counts[finding.kind]++
    if (this.findings.length < MOST_FINDINGS) this.findings.push(finding)
  }
}

const gapAt = (gaps: readonly Gap[], offset: bigint): Gap | undefined =>
  gaps.find(({ from, to }) => from <= offset && offset < to)

/** What never was on the target made compaction take nothing there. */
const isReplicated = (gap: Gap | undefined): boolean => gap === undefined || gap.replayedAt !== undefined

/** What of a stretch none of `gaps` has; they ascend by `from` and may overlap. */
export const outside = (gaps: readonly Hole[], { from, to }: Hole): Hole[] => {
  const rest: Hole[] = []
  let at = from
  for (const gap of gaps) {
    if (gap.to <= at || gap.from >= to) continue
    if (gap.from > at) rest.push({ from: at, to: gap.from })
    at = gap.to
  }
  return at < to ? [...rest, { from: at, to }] : rest
}

const sum = (holes: readonly Hole[]): number => holes.reduce((total, { from, to }) => total + Number(to - from), 0)
