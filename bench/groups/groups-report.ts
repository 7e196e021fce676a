import type { Report, Target } from '../bench-part.ts'
import { formatSpread, sampleOf } from '../spread.ts'
import type { Table } from '../table.ts'
import type { Freshness } from './freshness.ts'
import type { GroupScale } from './group-scale.ts'
import { scaleTables, scaleTargets } from './group-scale-report.ts'
import type { GroupTranslator } from './group-translator.ts'
import { againOf, formatMoved, isExact, type MovedLag, nowhereOf, skippedOf } from './moved-lag.ts'
import type { TopicKind } from './numbered-topic.ts'

/** All rounds of one contestant over topics of one kind. */
export interface RereadResult {
  readonly kind: TopicKind
  readonly contestant: string
  readonly rounds: readonly (readonly MovedLag[])[]
}

export interface GroupResults {
  /** The contestant of which nothing but 0 is good enough. */
  readonly ours: string
  readonly rereads: readonly RereadResult[]
  readonly freshness: ReadonlyMap<string, readonly Freshness[]>
  readonly scales: readonly GroupScale[]
}

const rereadTable = ({ rereads }: GroupResults): Table => {
  const contestants = [...new Set(rereads.map(({ contestant }) => contestant))]
  const rowsOf = (kind: TopicKind): readonly (readonly string[])[] => {
    const movedBy = (name: string): readonly MovedLag[] =>
      rereads.filter((one) => one.kind === kind && one.contestant === name).flatMap(({ rounds }) => rounds.flat())
    const lags = [...new Set(contestants.flatMap(movedBy).map(({ lag }) => lag))]
    return lags.map((lag) => [
      `${kind}, ${lag.toLocaleString('en-US')} behind`,
      ...contestants.map((name) => formatMoved(movedBy(name).filter((moved) => moved.lag === lag))),
    ])
  }
  return {
    title: 'Records of a partition that a moved group reads again, least to most over partitions and rounds',
    columns: ['topic and lag', ...contestants],
    rows: [...new Set(rereads.map(({ kind }) => kind))].flatMap(rowsOf),
  }
}

const seconds = (figures: readonly (number | undefined)[]): string => {
  const seen = figures.filter((figure) => figure !== undefined)
  if (seen.length < figures.length) return `not in time: ${figures.length - seen.length} of ${figures.length}`
  return formatSpread(sampleOf(seen))
}

const freshnessTable = ({ freshness }: GroupResults): Table => ({
  title: 'Seconds from a commit on the source to the commit on the target, while 200 records/s flow',
  columns: ['contestant', 'a new group’s first commit', 'its next commit'],
  rows: [...freshness].map(([name, runs]) => [
    name,
    seconds(runs.map(({ first }) => first)),
    seconds(runs.map(({ next }) => next)),
  ]),
})

const exactness = ({ ours, rereads }: GroupResults): Target => {
  const moved = rereads.filter(({ contestant }) => contestant === ours).flatMap(({ rounds }) => rounds.flat())
  const again = againOf(moved).reduce((sum, one) => sum + one, 0)
  return {
    what: 'groups that Twinshore moved: records read again, records skipped, partitions without a position',
    wanted: '0, 0, 0',
    measured: `${again}, ${skippedOf(moved)}, ${nowhereOf(moved)}`,
    held: isExact(moved),
  }
}

export const reportGroups = (results: GroupResults, translators: readonly GroupTranslator[]): Report => ({
  tables: [rereadTable(results), freshnessTable(results), ...scaleTables(results.scales)],
  targets: [exactness(results), ...scaleTargets(results.scales)],
  notes: [
    'each group commits on the source when everything is copied, and is read on the target by a consumer of that group from where it then stands; each record says which one of its partition it is, so nobody’s map is asked',
    'the transactional topic has a marker after every 100 records of a partition',
    'freshness is until the position on the target moved in every partition, whether or not it moved all the way; the groups keep up with the source, and commit where it ends',
    'passes run one after the other in a process with the memory of the deployed function; DynamoDB is DynamoDB Local',
    ...translators.map(({ name, settings }) => `${name}: ${settings}`),
  ],
})
