import { ReplicationError } from '../errors.ts'
import type { Head } from '../head.ts'
import type { Beat } from './beat.ts'
import { BEAT_EVERY_MS } from './beat-plan.ts'

/**
 * When the newest beat of the link that is on the target was written; `undefined`: none has arrived, or nobody can tell now.
 * `head` is that of the beats' partition: its checkpoint is moved once the target has the record, and unlike the end of the
 * target's log it tells apart what came by this link where names are kept and the target beats as well.
 *
 * Links of one source share the partition, so that its newest record may be another's. `beaten` is what this link beat last, which
 * was written within a second after it was due: nothing later is its own, whoever else goes on.
 */
export const newestBeatAt = (
  head: Head | ReplicationError | undefined,
  beaten: Beat | undefined,
): number | undefined => {
  if (head === undefined || head instanceof ReplicationError || beaten === undefined) return undefined
  return head.last === undefined ? undefined : Math.min(head.last.timestamp, beaten.at + BEAT_EVERY_MS)
}
