import type { Gap } from '../../shared/domain/head.ts'
import { type Finding, noCounts, type VerifyCounts } from '../../shared/domain/verify/verify-report.ts'
import type { SourceLife } from './source-life.ts'

/** What is true of a partition, by whoever made it so. */
export interface VerifiedTruth {
  readonly life: SourceLife
  /** The checkpoint. */
  readonly nextSource: bigint
  /** Of this life, before anything was verified. */
  readonly gaps: readonly Gap[]
  /** Holes below were read. */
  readonly confirmedTo: bigint
  /** What is at each target offset: `<incarnation>-<source offset>`, or whose it is. */
  readonly target: readonly string[]
  /** Target offsets of records of somebody else. */
  readonly foreign: ReadonlySet<bigint>
  readonly changed: ReadonlySet<bigint>
  readonly removed: ReadonlySet<bigint>
  readonly targetStart: bigint
}

export interface Expected {
  /** All but `duplicates`, and `foreign` or `native`, whichever the link tells. */
  readonly counts: VerifyCounts
  /** All but those of foreign records. */
  readonly findings: readonly Finding[]
  /** Target offsets of copies and of foreign records; `either`: their record is gone from the source, so that nobody can tell. */
  readonly uncovered: Readonly<Record<'duplicates' | 'foreign' | 'either', readonly bigint[]>>
  readonly firstUnreplicated: bigint | undefined
}

/** What a verification of all that was replicated has to find, from source offset `from` on. */
export const expectedOf = (truth: VerifiedTruth, from: bigint, holesOnly: boolean): Expected => {
  const model = new VerifyModel(truth)
  for (let offset = from; offset < truth.nextSource; offset++) model.source(offset, holesOnly)
  if (!holesOnly) model.target()
  return model
}

class VerifyModel implements Expected {
  readonly counts = noCounts()
  readonly findings: Finding[] = []
  readonly uncovered = { duplicates: [] as bigint[], foreign: [] as bigint[], either: [] as bigint[] }
  firstUnreplicated: bigint | undefined
  readonly #truth: VerifiedTruth
  readonly #logStart: bigint

  constructor(truth: VerifiedTruth) {
    this.#truth = truth
    this.#logStart = BigInt(truth.life.logStart)
  }

  source(offset: bigint, holesOnly: boolean): void {
    const { copies, looped } = this.#truth.life
    const copy = copies.get(offset)
    if (looped.has(offset)) this.counts.looped++
    else if (copy === undefined) this.#hole(offset)
    else if (!holesOnly) this.#copied(offset, copy)
  }

  #hole(offset: bigint): void {
    const { life, gaps, confirmedTo } = this.#truth
    const isExplained = gaps.some(({ from, to }) => from <= offset && offset < to)
    if (isExplained) this.counts.gaps++
    if (offset < this.#logStart) {
      if (!isExplained && offset >= confirmedTo) this.#lose(offset)
    } else if (life.slots[Number(offset)] === 'aborted') this.counts.aborted++
    else if (!isExplained && life.isRecord(Number(offset))) {
      this.counts.unreplicated++
      this.firstUnreplicated ??= offset
      this.findings.push({ kind: 'unreplicated', source: offset })
    }
  }

  /** Neighbours are one entry. */
  #lose(offset: bigint): void {
    this.counts.lost++
    const last = this.findings.at(-1)
    if (last?.kind === 'lost' && last.to === offset)
      this.findings.splice(-1, 1, { ...last, kind: 'lost', to: offset + 1n })
    else this.findings.push({ kind: 'lost', source: offset, to: offset + 1n })
  }

  #copied(source: bigint, target: bigint): void {
    const { life, changed, removed, targetStart } = this.#truth
    const isOnTarget = target >= targetStart && !removed.has(target)
    if (source < this.#logStart) this.counts.trimmed++
    else if (life.slots[Number(source)] === 'compacted') this.counts.compacted += isOnTarget ? 1 : 0
    else if (target < targetStart) this.counts.trimmed++
    else if (removed.has(target)) this.#find({ kind: 'missing', source, target })
    else if (changed.has(target)) this.#find({ kind: 'different', field: 'value', source, target })
    else this.counts.verified++
  }

  #find(finding: Finding): void {
    this.counts[finding.kind]++
    this.findings.push(finding)
  }

  /** From the first copy on: what was on the target before it is none of this map's business. */
  target(): void {
    const { life, target, nextSource } = this.#truth
    const copies = [...life.copies].sort(([, one], [, other]) => Number(one - other))
    for (const [at, [, copy]] of copies.entries()) {
      const [before, end] = copies[at + 1] ?? [nextSource, BigInt(target.length)]
      if (before < this.#logStart) this.counts.undecided += Number(end - copy - 1n)
      else for (let offset = copy + 1n; offset < end; offset++) this.#uncovered(offset)
    }
  }

  #uncovered(offset: bigint): void {
    const { life, target, foreign, changed, removed, targetStart } = this.#truth
    if (offset < targetStart || removed.has(offset)) return
    const identity = target[Number(offset)] ?? ''
    const [incarnation, source] = [identity.slice(0, identity.lastIndexOf('-')), Number(identity.split('-').at(-1))]
    const isOurs = life.incarnation === incarnation && life.holds(source)
    if (foreign.has(offset) || changed.has(offset)) this.uncovered.foreign.push(offset)
    else this.uncovered[isOurs ? 'duplicates' : 'either'].push(offset)
  }
}
