import type { LeftOutGroup } from '../../domain/groups/group-selection.ts'
import type { BoundKind } from '../../domain/groups/group-stand.ts'
import type { PlannedMove, Skip, SkipReason } from '../../domain/groups/position-verdict.ts'
import type { MoveOutcome } from './apply-moves.ts'
import type { GroupPass, PlannedGroups } from './sync-groups.ts'

/** One position that was moved, or would be; offsets as decimal digits, since JSON has no integers of 64 bits. */
export interface MovedPosition {
  readonly partition: number
  /** What the group committed on the source. */
  readonly source: string
  /** What stood on the target; absent: nothing did. */
  readonly was?: string
  /** Where the group resumes on the target now. */
  readonly target: string
  readonly kind: BoundKind
  /** `ahead`: source offsets that it has read and that are not on the target yet; `before-start`: that the map begins later. */
  readonly by?: string
  /** It was set back, as the group was on the source. */
  readonly rewound?: true
  /** `live`: the group had members by then; `superseded`: another pass was faster. */
  readonly outcome: 'planned' | 'moved' | 'live' | 'superseded' | 'failed'
  readonly error?: string
}

/** Positions in one topic. */
export interface MovedTopic {
  readonly topic: string
  readonly targetTopic: string
  readonly positions: readonly MovedPosition[]
}

/** Partitions of one topic that were left for one reason. */
export interface SkippedPartitions {
  readonly topic: string
  /** Absent where no route leads to the target. */
  readonly targetTopic?: string
  readonly partitions: readonly number[]
  readonly because: SkipReason
  readonly detail: string
}

/** A group of which there is something to tell. */
export interface GroupReport {
  readonly group: string
  readonly moved: readonly MovedTopic[]
  readonly skipped: readonly SkippedPartitions[]
  /** Why nothing could be found out about it. */
  readonly error?: string
}

/** What a pass over the groups of a link did, or would do: plain JSON. */
export interface GroupPassReport {
  /** How many groups were compared. */
  readonly compared: number
  /** Groups and positions that were moved (in a plan: would be). */
  readonly groupsMoved: number
  readonly positionsMoved: number
  /** Groups that were left alone since they have members on the target. */
  readonly live: number
  /** Those that were moved, skipped in part, or failed; the others are in step. */
  readonly groups: readonly GroupReport[]
  readonly leftOut: readonly LeftOutGroup[]
  /** What could not be found out about a cluster, a broker or another link. */
  readonly troubles: readonly string[]
  /** Groups of which something failed. */
  readonly faulted: readonly string[]
}

/** Where one position of a group leads. */
export interface TranslatedPartition {
  /** On the source. */
  readonly topic: string
  readonly partition: number
  /** What is committed on the source; absent where it is `unstable`. */
  readonly source?: string
  readonly targetTopic?: string
  /** Where the group resumes on the target, translated now. */
  readonly target?: string
  readonly kind: BoundKind | 'unmapped' | 'unstable' | 'echo' | 'failed'
  /** As in `MovedPosition`. */
  readonly by?: string
  /** What is committed on the target now. */
  readonly committed?: string
  /** Records read again by a group that resumes at `target`, and at `committed`; absent where it cannot be told. */
  readonly readAgain?: { readonly atTarget: string; readonly atCommitted?: string }
  /** Why it leads nowhere, or not further. */
  readonly detail?: string
}

/** What `translate` answers of one group: plain JSON. */
export interface GroupTranslation {
  readonly group: string
  /** `absent`: the cluster does not know it, or the login may not describe it. */
  readonly onSource: 'live' | 'empty' | 'absent'
  readonly onTarget: 'live' | 'empty' | 'absent'
  /** Why the link does not move it by itself. */
  readonly leftOut?: LeftOutGroup
  readonly partitions: readonly TranslatedPartition[]
  readonly troubles: readonly string[]
}

export const groupPlanReport = (planned: PlannedGroups): GroupPassReport =>
  report(planned, (move) => ({ kind: 'planned', move }), new Map())

export const groupPassReport = ({ applied, ...planned }: GroupPass): GroupPassReport => {
  const became = new Map(applied.outcomes.map((outcome) => [outcome.move, outcome]))
  return report(planned, (move) => became.get(move) ?? { kind: 'superseded', move }, applied.failed)
}

type Became = MoveOutcome | { readonly kind: 'planned'; readonly move: PlannedMove }

const report = (
  { survey, plan }: PlannedGroups,
  outcomeOf: (move: PlannedMove) => Became,
  unkept: ReadonlyMap<string, Error>,
): GroupPassReport => {
  const outcomes = plan.steps.flatMap(({ moves }) => moves).map(outcomeOf)
  const skips = [...survey.skips, ...plan.skips]
  const errors = new Map<string, Error>([...survey.failed, ...unkept])
  const faults = [
    ...errors.keys(),
    ...outcomes.filter(({ kind }) => kind === 'failed').map(({ move }) => move.group),
    ...skips.filter(({ because }) => because === 'failed').map(({ group }) => group),
  ]
  const gone = outcomes.filter(({ kind }) => kind === 'moved' || kind === 'planned')
  const joined = outcomes.filter(({ kind }) => kind === 'live').map(({ move }) => move.group)
  return {
    compared: survey.compared,
    groupsMoved: new Set(gone.map(({ move }) => move.group)).size,
    positionsMoved: gone.length,
    live: new Set([...plan.live, ...joined]).size,
    groups: groupReports(outcomes, skips, errors),
    leftOut: survey.leftOut,
    troubles: survey.troubles.map(({ message }) => message),
    faulted: [...new Set(faults)].sort(),
  }
}

const groupReports = (
  outcomes: readonly Became[],
  skips: readonly Skip[],
  errors: ReadonlyMap<string, Error>,
): GroupReport[] => {
  const moved = Map.groupBy(outcomes, ({ move }) => move.group)
  const skipped = Map.groupBy(skips, ({ group }) => group)
  const names = new Set([...moved.keys(), ...skipped.keys(), ...errors.keys()])
  return [...names].sort().map((group) => {
    const error = errors.get(group)?.message
    return {
      group,
      moved: movedTopics(moved.get(group) ?? []),
      skipped: skippedPartitions(skipped.get(group) ?? []),
      ...(error !== undefined && { error }),
    }
  })
}

const movedTopics = (outcomes: readonly Became[]): MovedTopic[] =>
  [...Map.groupBy(outcomes, ({ move }) => `${move.origin.topic} ${move.targetTopic}`).values()].flatMap((ofTopic) => {
    const [first] = ofTopic
    if (first === undefined) return []
    const { origin, targetTopic } = first.move
    return [{ topic: origin.topic, targetTopic, positions: ofTopic.map(movedPosition) }]
  })

const movedPosition = (outcome: Became): MovedPosition => {
  const { partition, source, was, target, kind, by, rewind } = outcome.move
  return {
    partition,
    source: `${source}`,
    ...(was !== undefined && { was: `${was}` }),
    target: `${target}`,
    kind,
    ...(by !== undefined && { by: `${by}` }),
    ...(rewind && { rewound: true as const }),
    outcome: outcome.kind,
    ...(outcome.kind === 'failed' && { error: outcome.error.message }),
  }
}

/** A detail that tells offsets or partitions is one entry each. */
const skippedPartitions = (skips: readonly Skip[]): SkippedPartitions[] =>
  [
    ...Map.groupBy(skips, ({ topic, targetTopic = '', because, detail }) =>
      JSON.stringify([topic, targetTopic, because, detail]),
    ).values(),
  ].flatMap((alike) => {
    const [first] = alike
    if (first === undefined) return []
    const { topic, targetTopic, because, detail } = first
    const partitions = alike.map(({ partition }) => partition).sort((one, other) => one - other)
    return [{ topic, ...(targetTopic !== undefined && { targetTopic }), partitions, because, detail }]
  })
