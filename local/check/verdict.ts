import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import { type Comparison, compare, outOfOrder, type PartitionEvidence, recordsIn } from './comparison.ts'
import { judgeMap } from './map-truth.ts'

export type OffenceKind =
  | 'lost'
  | 'altered'
  | 'reordered'
  | 'unexplained duplicate'
  | 'phantom'
  | 'aborted'
  | 'false gap'
  | 'map'

/** Where something is wrong; never what the record holds. */
export interface Offence {
  readonly kind: OffenceKind
  /** Named as on the source. */
  readonly partition: PartitionId
  readonly sourceOffset?: bigint
  readonly targetOffset?: bigint
  readonly detail: string
}

export interface Verdict {
  /** Source records that the target should hold. */
  readonly records: number
  readonly lost: number
  readonly altered: number
  readonly reordered: number
  readonly duplicates: { readonly explained: number; readonly unexplained: number }
  /** Target records that no source record explains. */
  readonly phantom: number
  /** Records of aborted or undecided transactions on the target; an offence when the poller reads committed. */
  readonly aborted: number
  /** Source offsets that translate to a wrong place. */
  readonly mapErrors: number
  /** Source offsets whose place is right, but before copies that a later place would have spared the reader. */
  readonly mapRereads: number
  /** Named ranges in the gap ledger. */
  readonly gaps: number
  /** Those of them with records that are on the target all the same. */
  readonly falseGaps: number
  /** A few of each kind. */
  readonly firstOffences: readonly Offence[]
}

const OFFENCES_KEPT = 3

/** Compares the two logs of one partition, and the offset map and the gap ledger with both. */
export const judgePartition = (evidence: PartitionEvidence): Verdict => {
  const comparison = compare(evidence)
  const { expected, altered } = comparison
  const lost = findLost(comparison, evidence)
  const reordered = outOfOrder(comparison)
  const duplicates = judgeDuplicates(comparison, evidence)
  const strangers = judgeStrangers(comparison, evidence)
  const falseGaps = findFalseGaps(comparison, evidence)
  const map = evidence.translate && judgeMap(comparison, evidence.translate)
  const partition = evidence.source.partition
  return {
    records: expected.length,
    lost: lost.length,
    altered: altered.size,
    reordered: reordered.length,
    duplicates: { explained: duplicates.explained, unexplained: duplicates.unexplained.length },
    phantom: strangers.phantom.length,
    aborted: strangers.aborted.length,
    mapErrors: map?.errors ?? 0,
    mapRereads: map?.rereads ?? 0,
    gaps: evidence.gaps.length,
    falseGaps: falseGaps.length,
    firstOffences: [
      ...atSource(comparison, 'lost', lost, 'neither on the target nor in a gap'),
      ...alteredOffences(comparison),
      ...atSource(comparison, 'reordered', reordered, 'stands before an earlier record, or its repetition breaks off'),
      ...atSource(comparison, 'unexplained duplicate', duplicates.unexplained, 'more copies than deliveries'),
      ...atTarget(comparison, 'phantom', strangers.phantom, 'no source record is like it'),
      ...(evidence.isolation === 'committed'
        ? atTarget(comparison, 'aborted', strangers.aborted, 'not committed')
        : []),
      ...falseGaps.slice(0, OFFENCES_KEPT).map(({ from, to }) => falseGap(partition, from, to)),
      ...(map?.firstErrors ?? []).map((error) => ({ kind: 'map' as const, partition, ...error })),
    ],
  }
}

const findLost = ({ source, expected, first }: Comparison, { gaps }: PartitionEvidence): number[] =>
  [...expected.keys()].filter((at) => {
    if (first[at] !== undefined) return false
    const offset = source.offset(expected[at] ?? 0)
    return !gaps.some(({ from, to }) => offset >= from && offset < to)
  })

/** One entry in `unexplained` for each copy beyond the deliveries that were recorded. */
const judgeDuplicates = ({ source, expected, again }: Comparison, { redelivered }: PartitionEvidence) => {
  const unexplained: number[] = []
  let explained = 0
  for (const [at, copies] of again) {
    const offset = source.offset(expected[at] ?? 0)
    const deliveries = redelivered.filter(({ from, to }) => offset >= from && offset < to).length
    explained += Math.min(copies.length, deliveries)
    for (let copy = deliveries; copy < copies.length; copy++) unexplained.push(at)
  }
  return { explained, unexplained }
}

/** Positions on the target of records that are no copies of what should be there, and of those that no committed reader sees. */
const judgeStrangers = (comparison: Comparison, { isolation }: PartitionEvidence) => {
  const { source, target, expected, copyOf } = comparison
  if (isolation === 'uncommitted') {
    const isAborted = (at: number | undefined): boolean =>
      at !== undefined && source.visibility(expected[at] ?? 0) !== 'committed'
    return { phantom: targets(copyOf, (at) => at === undefined), aborted: targets(copyOf, isAborted) }
  }
  const strangers = targets(copyOf, (at) => at === undefined)
  const hidden = new Set(strangers.length === 0 ? [] : hiddenRecords(comparison))
  const { aborted = [], phantom = [] } = Object.groupBy(strangers, (at) =>
    hidden.has(target.identity(at)) ? 'aborted' : 'phantom',
  )
  return { phantom, aborted }
}

const targets = (copyOf: Comparison['copyOf'], where: (at: number | undefined) => boolean): number[] =>
  [...copyOf.keys()].filter((targetAt) => where(copyOf[targetAt]))

function* hiddenRecords({ source }: Comparison): Generator<string> {
  for (let at = 0; at < source.size; at++) if (source.visibility(at) !== 'committed') yield source.identity(at)
}

const findFalseGaps = ({ source, expected, first }: Comparison, { gaps }: PartitionEvidence) =>
  gaps.filter(
    (gap) => gap.replayedAt === undefined && recordsIn(source, expected, gap).some((at) => first[at] !== undefined),
  )

const falseGap = (partition: PartitionId, from: bigint, to: bigint): Offence => ({
  kind: 'false gap',
  partition,
  sourceOffset: from,
  detail: `the ledger says that ${from} to ${to} never reached the target, but some did`,
})

const alteredOffences = ({ source, target, expected, copyOf, altered }: Comparison): Offence[] =>
  [...altered].slice(0, OFFENCES_KEPT).map(([targetAt, fields]) => ({
    kind: 'altered',
    partition: source.partition,
    sourceOffset: source.offset(expected[copyOf[targetAt] ?? 0] ?? 0),
    targetOffset: target.offset(targetAt),
    detail: `differs in ${fields.join(', ')}`,
  }))

const atSource = (
  { source, target, expected, first }: Comparison,
  kind: OffenceKind,
  found: readonly number[],
  detail: string,
): Offence[] =>
  found.slice(0, OFFENCES_KEPT).map((at) => {
    const copy = first[at]
    return {
      kind,
      partition: source.partition,
      sourceOffset: source.offset(expected[at] ?? 0),
      ...(copy !== undefined && { targetOffset: target.offset(copy) }),
      detail,
    }
  })

const atTarget = (
  { source, target }: Comparison,
  kind: OffenceKind,
  found: readonly number[],
  detail: string,
): Offence[] =>
  found
    .slice(0, OFFENCES_KEPT)
    .map((at) => ({ kind, partition: source.partition, targetOffset: target.offset(at), detail }))

/** One verdict over all partitions. */
export const total = (verdicts: readonly Verdict[]): Verdict => {
  const sum = (count: (verdict: Verdict) => number): number => verdicts.reduce((all, one) => all + count(one), 0)
  return {
    records: sum(({ records }) => records),
    lost: sum(({ lost }) => lost),
    altered: sum(({ altered }) => altered),
    reordered: sum(({ reordered }) => reordered),
    duplicates: {
      explained: sum(({ duplicates }) => duplicates.explained),
      unexplained: sum(({ duplicates }) => duplicates.unexplained),
    },
    phantom: sum(({ phantom }) => phantom),
    aborted: sum(({ aborted }) => aborted),
    mapErrors: sum(({ mapErrors }) => mapErrors),
    mapRereads: sum(({ mapRereads }) => mapRereads),
    gaps: sum(({ gaps }) => gaps),
    falseGaps: sum(({ falseGaps }) => falseGaps),
    firstOffences: verdicts.flatMap(({ firstOffences }) => firstOffences),
  }
}

/** For people: where, and what is wrong there. */
export const describeOffence = ({ kind, partition, sourceOffset, targetOffset, detail }: Offence): string => {
  const source = sourceOffset === undefined ? '' : ` source offset ${sourceOffset}`
  const target = targetOffset === undefined ? '' : ` target offset ${targetOffset}`
  return `${kind}: ${partitionName(partition)}${source}${target}: ${detail}`
}
