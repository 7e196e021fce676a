import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/head.ts'
import { lifeName, lostTail } from '../../domain/lag/ended-life.ts'
import type { PartitionLook } from '../../domain/lag/partition-look.ts'
import { withCheckpoint } from '../lag/ended-checkpoint.ts'
import { inLanes } from '../lanes.ts'
import type { Clock, Deadline, GapAlarm, LinkState, OffsetMapPages } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'

interface RecordLostDeps {
  readonly state: Pick<LinkState, 'read' | 'recordGap'>
  readonly pages: Pick<OffsetMapPages, 'pageAtSource'>
  readonly alarm: GapAlarm
  readonly clock: Clock
}

const LANES = 10
const REASON =
  'its topic was deleted on the source, or made anew, before these were replicated; they are what its last known end tells, and what was written after that is not among them'

/**
 * Writes what went with lives that are over into the gap ledger, from where their checkpoints stand now. Told first, since
 * what is written is never due again; written twice, by who died in between or by two at once, it is the same gap. One partition stops no other.
 */
export const recordLost = async (
  lives: readonly PartitionLook[],
  deadline: Deadline,
  { state, pages, alarm, clock }: RecordLostDeps,
): Promise<void> => {
  const snapshot = await state.read(lives, deadline)
  const failures: ReplicationError[] = []
  await inLanes(lives, LANES, async (life) => {
    try {
      const { incarnation } = life
      const tail = lostTail(await withCheckpoint(life, headIn(snapshot, life), deadline, pages))
      if (tail === undefined) return
      const gap: Gap = { incarnation, ...tail, kind: 'lost', reason: REASON, at: clock.now() }
      alarm(life, gap)
      await state.recordGap(life, gap, deadline)
    } catch (error) {
      failures.push(asReplicationError(error, `writing down what is lost of ${lifeName(life)}`))
    }
  })
  const [first] = failures
  if (first !== undefined) throw first
}
