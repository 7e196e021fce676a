import { asReplicationError, type ErrorCode, type ReplicationError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import { findRun } from '../offset-map/find-run.ts'
import type { Deadline, GapLedger, LinkControl, LinkState, OffsetMapPages } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'

/** What the link remembers of its gaps and of what it replicated. */
export type QuarantineState = GapLedger & Pick<LinkState, 'read'> & OffsetMapPages & Pick<LinkControl, 'partitions'>

/**
 * What became of one quarantined record: put back at `target`, left where it is, or in trouble. `replicated`: it had come
 * to the target in the ordinary way after all, since its batch was delivered again when the target took it.
 */
export type Replay = PartitionId & { readonly source: bigint; readonly reason: string } & (
    | { readonly kind: 'waiting' }
    | { readonly kind: 'replayed'; readonly target: bigint }
    /** Put back too, while its entry in the ledger ran out: nobody finds it there any more. */
    | { readonly kind: 'forgotten'; readonly target: bigint }
    | { readonly kind: 'replicated'; readonly target: bigint }
    | { readonly kind: 'replayed-before'; readonly at: number }
    | { readonly kind: 'failed'; readonly error: ReplicationError }
  )

/** Why a partition was not looked through to its end; what was not come to waits, as it did. */
export type Trouble = PartitionId & { readonly error: ReplicationError }

export interface ReplayReport {
  readonly replays: readonly Replay[]
  readonly troubles: readonly Trouble[]
}

export type Wanted = (partition: PartitionId) => boolean

/** The quarantined records, by partition and oldest first, without doing anything. */
export const listQuarantined = (wanted: Wanted, deadline: Deadline, state: QuarantineState): Promise<ReplayReport> =>
  throughPartitions(wanted, deadline, state, async (partition, replays) => {
    for await (const { replay } of quarantined(partition, deadline, state)) replays.push(replay)
    return 'go-on'
  })

/** The next partition would meet it as well. */
const OF_ALL: readonly ErrorCode[] = [
  'DEADLINE_PASSED',
  'STATE_UNREACHABLE',
  'STATE_DENIED',
  'STATE_MISSING',
  'STATE_THROTTLED',
]

/** One after the other, until a visit ends it. A partition in trouble hides neither what was done before nor the next one. */
export const throughPartitions = async (
  wanted: Wanted,
  deadline: Deadline,
  state: Pick<QuarantineState, 'partitions'>,
  visit: (partition: PartitionId, replays: Replay[]) => Promise<'go-on' | 'end'>,
): Promise<ReplayReport> => {
  const replays: Replay[] = []
  const troubles: Trouble[] = []
  for (const { topic, partition } of (await state.partitions(deadline)).filter(wanted)) {
    const id = { topic, partition }
    try {
      if ((await visit(id, replays)) === 'end') break
    } catch (thrown) {
      const error = asReplicationError(thrown, `looking for quarantined records of ${partitionName(id)}`)
      troubles.push({ ...id, error })
      if (deadline.signal.aborted || OF_ALL.includes(error.code)) break
    }
  }
  return { replays, troubles }
}

export interface Quarantined {
  readonly gap: Gap
  readonly replay: Replay
}

/** Of one partition, oldest first. */
export async function* quarantined(
  partition: PartitionId,
  deadline: Deadline,
  state: Omit<QuarantineState, 'partitions'>,
): AsyncGenerator<Quarantined> {
  const gaps = (await state.gaps(partition, deadline)).filter(({ kind }) => kind === 'quarantined')
  if (gaps.length === 0) return
  const head = headIn(await state.read([partition], deadline), partition)
  for (const gap of gaps) {
    const place = { incarnation: gap.incarnation, offset: gap.from }
    const run =
      gap.replayedAt === undefined ? await findRun({ partition, head, pages: state }, place, deadline) : undefined
    yield { gap, replay: described(partition, gap, run) }
  }
}

const described = (partition: PartitionId, gap: Gap, run: Run | undefined): Replay => {
  const what = recordOf(partition, gap)
  if (gap.replayedAt !== undefined) return { ...what, kind: 'replayed-before', at: gap.replayedAt }
  if (run === undefined) return { ...what, kind: 'waiting' }
  return { ...what, kind: 'replicated', target: run.target + gap.from - run.source }
}

export const recordOf = ({ topic, partition }: PartitionId, { from, reason }: Gap) => ({
  topic,
  partition,
  source: from,
  reason,
})
