import type { Link } from '../shared/domain/topology/topology.ts'
import type { GroupTranslation, TranslatedPartition } from '../shared/usecases/groups/group-report.ts'
import { counted, part } from './pass-text.ts'
import { table } from './terminal.ts'

/** Where a group would resume, for people. */
export const describeTranslation = (link: string, translation: GroupTranslation): string => {
  const { group, partitions, troubles, leftOut } = translation
  return [
    `${group} by ${link}: ${counted(partitions.length, 'position')}${tally(partitions)}; ${whereabouts(translation)}`,
    ...(leftOut === undefined ? [] : [`the link does not move it: ${leftOut.because}, ${leftOut.detail}`]),
    ...part('', partitions, describePartitions),
    ...part('', partitions, describeReadAgain),
    ...part('could not be found out', troubles, () => troubles.join('\n')),
  ].join('\n\n')
}

/** What to look into when there is no such group. */
export const describeUnknown = ({ name, source }: Link, { group, troubles }: GroupTranslation): string =>
  [
    `translating the group ${group} along ${name}: ${source.name} has no such group (check its name, whether it committed anything, and whether the login of Twinshore may DESCRIBE it there)`,
    ...troubles,
  ].join('\n')

const tally = (partitions: readonly TranslatedPartition[]): string => {
  const kinds = [...Map.groupBy(partitions, ({ kind }) => kind)].map(([kind, same]) => `${same.length} ${kind}`)
  return kinds.length === 0 ? '' : ` (${kinds.join(', ')})`
}

const whereabouts = ({ onSource, onTarget }: GroupTranslation): string =>
  `${onSource} on the source, ${onTarget} on the target`

/** Of what is not known or not there. */
const NOTHING = '-'

const HEAD = [
  'topic',
  'partition',
  'source',
  'target',
  'kind',
  'read again',
  'committed',
  'read again',
  'detail',
] as const

const describePartitions = (partitions: readonly TranslatedPartition[]): string =>
  table([HEAD, ...partitions.map(rowOf)])

const rowOf = (position: TranslatedPartition): readonly string[] => {
  const { topic, targetTopic = topic, partition, kind, by, readAgain } = position
  return [
    targetTopic === topic ? topic : `${topic} to ${targetTopic}`,
    `${partition}`,
    position.source ?? NOTHING,
    position.target ?? NOTHING,
    by === undefined ? kind : `${kind} by ${by}`,
    readAgain?.atTarget ?? NOTHING,
    position.committed ?? NOTHING,
    readAgain?.atCommitted ?? NOTHING,
    position.detail ?? '',
  ]
}

/** What cannot be told of a partition is said, so that nobody takes it for zero. */
const describeReadAgain = (partitions: readonly TranslatedPartition[]): string => {
  const standing = partitions.filter(({ committed }) => committed !== undefined)
  const nowhere = partitions.length - standing.length
  return [
    `records read again by a group that resumes at these positions: ${sum(partitions.map(atTarget))}`,
    `by one that resumes where it is committed on the target now: ${sum(standing.map(atCommitted))}${nowhere === 0 ? '' : `; nothing is committed of ${counted(nowhere, 'partition')}`}`,
  ].join('\n')
}

type Count = string | undefined

const atTarget = ({ readAgain }: TranslatedPartition): Count => readAgain?.atTarget
const atCommitted = ({ readAgain }: TranslatedPartition): Count => readAgain?.atCommitted

const sum = (counts: readonly Count[]): string => {
  const known = counts.flatMap((count) => count ?? [])
  const total = known.reduce((all, count) => all + BigInt(count), 0n)
  const untold = counts.length - known.length
  return `${total}${untold === 0 ? '' : `, and not known of ${counted(untold, 'partition')}`}`
}
