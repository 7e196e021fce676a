import type { Report, Target } from '../bench-part.ts'
import { formatFigure, formatSpread, sampleOf } from '../spread.ts'
import type { Table } from '../table.ts'
import type { Freshness } from './freshness.ts'
import type { GroupPassFigures } from './group-pass-server.ts'
import { type GroupScale, SCALE_PARTITIONS } from './group-scale.ts'
import type { GroupTranslator } from './group-translator.ts'
import type { TopicKind } from './numbered-topic.ts'
import type { MovedLag } from './reread.ts'

/** All rounds of one contestant over topics of one kind. */
export interface RereadResult {
  readonly kind: TopicKind
  readonly contestant: string
  readonly rounds: readonly (readonly MovedLag[])[]
}

export interface GroupResults {
  readonly ours: string
  readonly rereads: readonly RereadResult[]
  readonly freshness: ReadonlyMap<string, readonly Freshness[]>
  readonly scales: readonly GroupScale[]
}

const MEBIBYTE = 1024 ** 2
const MINUTE_SECONDS = 60
const FUNCTION_MIB = 512

const ofLag = ({ rounds }: RereadResult, lag: number): readonly MovedLag[] =>
  rounds.flat().filter((moved) => moved.lag === lag)

const againOf = (moved: readonly MovedLag[]): readonly number[] =>
  moved.flatMap(({ partitions }) => partitions.map(({ again }) => again))

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)

const skippedOf = (moved: readonly MovedLag[]): number =>
  sum(moved.flatMap(({ partitions }) => partitions.map(({ skipped }) => skipped)))

const nowhereOf = (moved: readonly MovedLag[]): number => sum(moved.map(({ nowhere }) => nowhere))

const whole = (figure: number): string => figure.toLocaleString('en-US')

const cell = (moved: readonly MovedLag[]): string => {
  const again = againOf(moved).toSorted((one, other) => one - other)
  const nowhere = nowhereOf(moved)
  const missing = nowhere > 0 ? [`${nowhere} without a position`] : []
  const skipped = skippedOf(moved)
  const lost = skipped > 0 ? [`${whole(skipped)} skipped`] : []
  const [least, most] = [again.at(0), again.at(-1)]
  const range =
    least === undefined || most === undefined
      ? []
      : [least === most ? whole(least) : `${whole(least)} to ${whole(most)}`]
  return [...range, ...missing, ...lost].join(', ')
}

const rereadTable = ({ rereads }: GroupResults): Table => {
  const contestants = [...new Set(rereads.map(({ contestant }) => contestant))]
  const kinds = [...new Set(rereads.map(({ kind }) => kind))]
  const rows = kinds.flatMap((kind) => {
    const results = contestants.map((name) => rereads.find((one) => one.kind === kind && one.contestant === name))
    const lags = [...new Set(results.flatMap((result) => result?.rounds.flat() ?? []).map(({ lag }) => lag))]
    return lags.map((lag) => [
      `${kind}, ${whole(lag)} behind`,
      ...results.map((result) => (result === undefined ? '' : cell(ofLag(result, lag)))),
    ])
  })
  return {
    title: 'Records of a partition that a moved group reads again, least to most over partitions and rounds',
    columns: ['topic and lag', ...contestants],
    rows,
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

/** The passes of one size, by what they had to do. */
const passesOf = ({ groups, first, steady, again }: GroupScale): readonly (readonly [string, GroupPassFigures])[] => [
  [`${groups} groups, all new`, first],
  [`${groups} groups, nothing to do`, steady],
  [`${groups} groups, all committed anew`, again],
]

const total = ({ requests }: GroupPassFigures): number => sum(Object.values(requests))

const scaleTable = ({ scales }: GroupResults): Table => ({
  title: `One pass over groups that committed in ${SCALE_PARTITIONS} partitions of four transactional topics`,
  columns: ['groups', 's', 'CPU s', 'positions moved', 'requests', 'peak MiB so far'],
  rows: scales
    .flatMap(passesOf)
    .map(([what, pass]) => [
      what,
      formatFigure(pass.seconds),
      formatFigure(pass.cpuSeconds),
      whole(pass.positionsMoved),
      whole(total(pass)),
      formatFigure(pass.peakMemoryBytes / MEBIBYTE),
    ]),
})

const requestsTable = ({ scales }: GroupResults): Table => {
  const passes = scales.flatMap(passesOf)
  const kinds = [...new Set(passes.flatMap(([, { requests }]) => Object.keys(requests)))].sort()
  return {
    title: 'Requests of one pass by kind',
    columns: ['groups', ...kinds],
    rows: passes.map(([what, { requests }]) => [what, ...kinds.map((kind) => whole(requests[kind] ?? 0))]),
  }
}

const none = (what: string, measured: number): Target => atMost(what, '0 in every row', measured, 0)

const atMost = (what: string, wanted: string, measured: number, most: number): Target => ({
  what,
  wanted,
  measured: formatFigure(measured),
  held: measured <= most,
})

const scaleTargets = ({ scales }: GroupResults): readonly Target[] => {
  const [smallest, largest] = [scales.at(0), scales.at(-1)]
  if (smallest === undefined || largest === undefined) return []
  const passes = passesOf(largest).map(([, pass]) => pass)
  const size = `${largest.groups} groups in ${SCALE_PARTITIONS} partitions`
  const times = largest.groups / smallest.groups
  return [
    atMost(
      `s the longest pass over ${size}`,
      'its minute, 60',
      Math.max(...passes.map((one) => one.seconds)),
      MINUTE_SECONDS,
    ),
    atMost(
      `peak MiB over ${size}`,
      'at most 512',
      Math.max(...passes.map(({ peakMemoryBytes }) => peakMemoryBytes / MEBIBYTE)),
      FUNCTION_MIB,
    ),
    atMost(
      `requests at ${largest.groups} groups, in times of those at ${smallest.groups}`,
      `at most ${times}`,
      sum(passes.map(total)) / sum(passesOf(smallest).map(([, pass]) => total(pass))),
      times,
    ),
  ]
}

const targetsOf = (results: GroupResults): readonly Target[] => {
  const { ours, rereads } = results
  const moved = rereads.filter(({ contestant }) => contestant === ours).flatMap(({ rounds }) => rounds.flat())
  return [
    none('records read again by groups that Twinshore moved', sum(againOf(moved))),
    none('records skipped by them', skippedOf(moved)),
    none('partitions in which they got no position', nowhereOf(moved)),
    ...scaleTargets(results),
  ]
}

export const reportGroups = (results: GroupResults, translators: readonly GroupTranslator[]): Report => ({
  tables: [rereadTable(results), freshnessTable(results), scaleTable(results), requestsTable(results)],
  targets: targetsOf(results),
  notes: [
    'each group commits on the source when everything is copied, and is read on the target by a consumer of that group from where it then stands; each record says which one of its partition it is, so nobody’s map is asked',
    'the transactional topic has a marker after every 100 records of a partition',
    'freshness is until the position on the target moved in every partition, whether or not it moved all the way',
    'passes run one after the other in a process with the memory of the deployed function; DynamoDB is DynamoDB Local',
    ...translators.map(({ name, settings }) => `${name}: ${settings}`),
  ],
})
