import type {
  GroupPassReport,
  GroupReport,
  MovedPosition,
  MovedTopic,
  SkippedPartitions,
} from '../shared/usecases/groups/group-report.ts'
import { counted, leftOut, type PassMode, part, passReader, shortened, some, type Verbosity } from './pass-text.ts'
import { table } from './terminal.ts'

const LISTS = ['groups', 'leftOut', 'troubles', 'faulted'] as const satisfies (keyof GroupPassReport)[]

const positionsOf = ({ groups }: GroupPassReport): readonly MovedPosition[] =>
  groups.flatMap(({ moved }) => moved.flatMap(({ positions }) => positions))

const hasTrouble = (report: GroupPassReport): boolean =>
  report.faulted.length > 0 || positionsOf(report).some(({ outcome }) => outcome === 'failed')

const describe = (mode: PassMode, report: GroupPassReport, verbosity: Verbosity): readonly string[] => {
  const { groups, troubles } = report
  return [
    heading(mode, report),
    ...part('', groups.flatMap(movesOf), (moves) =>
      verbosity.verbose ? eachPosition(moves) : eachTopic(moves, verbosity),
    ),
    ...part('not moved', groups.flatMap(skipsOf), (skips) => describeSkips(skips, verbosity)),
    ...part('not known', groups.filter(isUnknown), (unknown) =>
      unknown.map(({ group, error }) => `${group}: ${error}`).join('\n'),
    ),
    ...part('left out', report.leftOut, (left) =>
      leftOut(
        'group',
        left.map(({ group, because, detail }) => ({ name: group, because, detail })),
        verbosity,
      ),
    ),
    ...part('could not be found out', troubles, () => troubles.join('\n')),
  ]
}

const isUnknown = ({ error }: GroupReport): boolean => error !== undefined

const heading = (mode: PassMode, report: GroupPassReport): string => {
  const { compared, groupsMoved, positionsMoved, live, faulted } = report
  const size = `${counted(positionsMoved, 'position')} of ${counted(groupsMoved, 'group')}`
  const moved = mode === 'plan' ? `${size} to move, nothing was changed` : `${size} moved`
  return [
    positionsOf(report).length === 0 ? 'nothing to move' : moved,
    `${counted(compared, 'group')} compared`,
    ...(live === 0 ? [] : [`${live} live on the target`]),
    ...(faulted.length === 0 ? [] : [`${counted(faulted.length, 'group')} in trouble: ${some(faulted)}`]),
  ].join('; ')
}

type Move = MovedTopic & Pick<GroupReport, 'group'>
type Skip = SkippedPartitions & Pick<GroupReport, 'group'>

const movesOf = ({ group, moved }: GroupReport): readonly Move[] => moved.map((topic) => ({ ...topic, group }))
const skipsOf = ({ group, skipped }: GroupReport): readonly Skip[] => skipped.map((some) => ({ ...some, group }))

/** Where the names are the same on both sides, one is enough. */
const way = ({ topic, targetTopic }: { readonly topic: string; readonly targetTopic?: string }): string =>
  targetTopic === undefined || targetTopic === topic ? topic : `${topic} to ${targetTopic}`

/** How often each word occurs: `3 exact, 1 ahead`. */
const tally = (words: readonly string[]): string =>
  [...Map.groupBy(words, (word) => word)].map(([word, same]) => `${same.length} ${word}`).join(', ')

const eachTopic = (moves: readonly Move[], verbosity: Verbosity): string => {
  const rows = moves.map((move) => {
    const { group, positions } = move
    const errors = [...new Set(positions.flatMap(({ error }) => error ?? []))]
    const outcomes = [tally(positions.map(({ outcome }) => outcome)), ...errors].join(': ')
    return [group, way(move), tally(positions.map(({ kind }) => kind)), outcomes]
  })
  return shortened([['group', 'topic', 'positions', 'outcome'], ...rows], 'topic', verbosity)
}

const eachPosition = (moves: readonly Move[]): string => {
  const rows = moves.flatMap((move) =>
    move.positions.map((position) => [
      move.group,
      way(move),
      `${position.partition}`,
      position.source,
      position.was ?? '-',
      position.target,
      kindOf(position),
      [position.outcome, ...(position.error === undefined ? [] : [position.error])].join(': '),
    ]),
  )
  return table([['group', 'topic', 'partition', 'source', 'was', 'target', 'kind', 'outcome'], ...rows])
}

const kindOf = ({ kind, by, rewound }: MovedPosition): string =>
  [by === undefined ? kind : `${kind} by ${by}`, ...(rewound === undefined ? [] : ['rewound'])].join(', ')

const describeSkips = (skips: readonly Skip[], verbosity: Verbosity): string => {
  const rows = skips.map((skip) => [skip.because, skip.group, way(skip), skip.partitions.join(','), skip.detail])
  return shortened([['because', 'group', 'topic', 'partitions', 'detail'], ...rows], 'topic', verbosity)
}

export const readGroupPass = passReader<GroupPassReport>(LISTS, hasTrouble, describe)
