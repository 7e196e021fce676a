import type { ReplicationError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/head.ts'
import type { PartitionId } from '../../domain/record.ts'
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
    | { readonly kind: 'replicated'; readonly target: bigint }
    | { readonly kind: 'replayed-before'; readonly at: number }
    | { readonly kind: 'failed'; readonly error: ReplicationError }
  )

export type Wanted = (partition: PartitionId) => boolean

/** The quarantined records, by partition and oldest first, without doing anything. */
export const listQuarantined = async (
  wanted: Wanted,
  deadline: Deadline,
  state: QuarantineState,
): Promise<readonly Replay[]> => {
  const replays: Replay[] = []
  for (const partition of (await state.partitions(deadline)).filter(wanted))
    for await (const { replay } of quarantined(partition, deadline, state)) replays.push(replay)
  return replays
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
