import { allAsOne, asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/head.ts'
import { isWritten, lifeName, lostTail } from '../../domain/lag/ended-life.ts'
import type { PartitionLook } from '../../domain/lag/partition-look.ts'
import { withCheckpoint } from '../lag/ended-checkpoint.ts'
import { inLanes } from '../lanes.ts'
import type { Clock, Deadline, GapAlarm, GapLedger, LinkState, OffsetMapPages } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'

interface RecordLostDeps {
  readonly state: Pick<LinkState, 'read' | 'recordGap'>
  readonly pages: Pick<OffsetMapPages, 'pageAtSource'> & Pick<GapLedger, 'gaps'>
  readonly alarm: GapAlarm
  readonly clock: Clock
}

const LANES = 10
const REASON =
  'its topic was deleted on the source, or made anew, before these were replicated; they are what its last known end tells, and what was written after that is not among them'

/**
 * Writes what went with lives that are over into the gap ledger, from where their checkpoints stand now. Told first, since
 * what is written is told no more: who died in between tells it again, and so do two at once, but it is the same gap. What is
 * written already stays due until whoever measures the lag has read that. One partition stops no other.
 */
export const recordLost = async (
  lives: readonly PartitionLook[],
  deadline: Deadline,
  deps: RecordLostDeps,
): Promise<void> => {
  const snapshot = await deps.state.read(lives, deadline)
  const failures: ReplicationError[] = []
  await inLanes(lives, LANES, async (life) => {
    try {
      await recordTail(await withCheckpoint(life, headIn(snapshot, life), deadline, deps.pages), deadline, deps)
    } catch (error) {
      failures.push(asReplicationError(error, `writing down what is lost of ${lifeName(life)}`))
    }
  })
  const failure = allAsOne(failures, 'writing down what is lost of topics that are over')
  if (failure !== undefined) throw failure
}

const recordTail = async (
  life: PartitionLook,
  deadline: Deadline,
  { state, pages, alarm, clock }: RecordLostDeps,
): Promise<void> => {
  const tail = lostTail(life)
  if (tail === undefined || isWritten(life, await pages.gaps(life, deadline))) return
  const gap: Gap = { incarnation: life.incarnation, ...tail, kind: 'lost', reason: REASON, at: clock.now() }
  alarm(life, gap)
  await state.recordGap(life, gap, deadline)
}
