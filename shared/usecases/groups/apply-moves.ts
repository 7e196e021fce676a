import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { CommittedOffset } from '../../domain/groups/group-facts.ts'
import type { GroupStep } from '../../domain/groups/group-plan.ts'
import type { PlannedMove } from '../../domain/groups/position-verdict.ts'
import { inLanes } from '../lanes.ts'
import type { Deadline } from '../ports.ts'
import type { CommitAnswers, GroupAdmin, GroupLedger, GroupOffsets } from './group-ports.ts'

export interface ApplyMovesDeps {
  readonly target: GroupAdmin
  readonly ledger: GroupLedger
}

/** `live`: the group has members by now; `superseded`: somebody else was faster, and the next pass looks again. */
export type MoveResult =
  | { readonly kind: 'moved' | 'live' | 'superseded' }
  | { readonly kind: 'failed'; readonly error: ReplicationError }

export type MoveOutcome = MoveResult & { readonly move: PlannedMove }

export interface AppliedMoves {
  /** Of every move. */
  readonly outcomes: readonly MoveOutcome[]
  /** Groups of which only the ledger could not be kept. */
  readonly failed: ReadonlyMap<string, ReplicationError>
}

/** So many groups are looked at again and committed together: the shorter, the less happens in between. */
const GROUPS_AT_ONCE = 100
const LANES = 20

/**
 * Writes down what it is about to commit, looks again whether the groups are empty and stand where they stood, and commits.
 * Killed in between, the next pass finds the target where it was, and the ledger says what was on its way.
 */
export const applyMoves = async (
  steps: readonly GroupStep[],
  deadline: Deadline,
  deps: ApplyMovesDeps,
): Promise<AppliedMoves> => {
  const outcomes: MoveOutcome[] = []
  const failed = new Map<string, ReplicationError>()
  const byGroup = [...Map.groupBy(steps, ({ group }) => group).values()]
  for (let at = 0; at < byGroup.length; at += GROUPS_AT_ONCE) {
    const chunk = byGroup.slice(at, at + GROUPS_AT_ONCE).flat()
    const results = new Map<PlannedMove, MoveResult>()
    await rememberAll(chunk, results, failed, deadline, deps)
    const due = chunk.flatMap(({ moves }) => moves).filter((move) => !results.has(move))
    await commitAll(due, results, deadline, deps)
    for (const { moves } of chunk)
      for (const move of moves) outcomes.push({ ...(results.get(move) ?? { kind: 'superseded' }), move })
  }
  return { outcomes, failed }
}

type Results = Map<PlannedMove, MoveResult>

const rememberAll = async (
  steps: readonly GroupStep[],
  results: Results,
  failed: Map<string, ReplicationError>,
  deadline: Deadline,
  { ledger }: ApplyMovesDeps,
): Promise<void> => {
  await inLanes(steps, LANES, async ({ change, moves }) => {
    if (change === undefined) return
    const { targetTopic, group, from, to } = change
    try {
      if ((await ledger.remember(targetTopic, group, from, to, deadline)) === 'remembered') return
      for (const move of moves) results.set(move, { kind: 'superseded' })
    } catch (cause) {
      const error = asReplicationError(cause, `remembering where the group ${group} goes in ${targetTopic}`)
      if (moves.length === 0) failed.set(group, error)
      for (const move of moves) results.set(move, { kind: 'failed', error })
    }
  })
}

const commitAll = async (
  moves: readonly PlannedMove[],
  results: Results,
  deadline: Deadline,
  { target }: ApplyMovesDeps,
): Promise<void> => {
  if (moves.length === 0) return
  try {
    const groups = [...new Set(moves.map(({ group }) => group))]
    const [list, standing] = await Promise.all([target.list(deadline), target.committed(groups, deadline)])
    for (const move of moves) {
      if (list.groups.get(move.group)?.life === 'live') results.set(move, { kind: 'live' })
      else if (!isWhereItWas(move, standing.get(move.group))) results.set(move, { kind: 'superseded' })
    }
    const due = moves.filter((move) => !results.has(move))
    if (due.length === 0) return
    const answers = await target.commit(wantedOf(due), deadline)
    for (const move of due) results.set(move, answerTo(move, answers.get(move.group)))
  } catch (cause) {
    const error = asReplicationError(cause, `moving ${moves.length} positions on the target`)
    for (const move of moves) if (!results.has(move)) results.set(move, { kind: 'failed', error })
  }
}

/** A group that read on the target between the look and now has left a position that is its own. */
const isWhereItWas = (
  { targetTopic, partition, was }: PlannedMove,
  standing: GroupOffsets | ReplicationError | undefined,
): boolean => {
  if (standing === undefined) return was === undefined
  if (standing instanceof ReplicationError) return false
  const now = standing.get(targetTopic)?.get(partition)
  if (now === undefined) return was === undefined
  return now.kind === 'committed' && now.offset === was
}

const wantedOf = (moves: readonly PlannedMove[]) => {
  const wanted = new Map<string, Map<string, Map<number, CommittedOffset>>>()
  for (const { group, targetTopic, partition, target, metadata } of moves) {
    const ofGroup = wanted.get(group) ?? new Map<string, Map<number, CommittedOffset>>()
    const ofTopic = ofGroup.get(targetTopic) ?? new Map<number, CommittedOffset>()
    wanted.set(group, ofGroup.set(targetTopic, ofTopic.set(partition, { offset: target, metadata })))
  }
  return wanted
}

const answerTo = ({ group, targetTopic, partition }: PlannedMove, answers: CommitAnswers | undefined): MoveResult => {
  const answer = answers?.get(targetTopic)?.get(partition)
  if (answer === undefined)
    return {
      kind: 'failed',
      error: new ReplicationError('UNEXPECTED', `moving ${group} in ${targetTopic}-${partition}: nobody answered`),
    }
  return answer.kind === 'committed' ? { kind: 'moved' } : answer
}
