import { ReplicationError } from '../errors.ts'
import type { Head } from '../head.ts'

/**
 * When the newest beat that is on the target was written; `undefined`: none has arrived, or nobody can tell now. `head` is
 * that of the beats' partition: its checkpoint is moved once the target has the record, and unlike the end of the target's
 * log it tells apart what came by this link where names are kept and the target beats as well.
 */
export const newestBeatAt = (head: Head | ReplicationError | undefined): number | undefined =>
  head === undefined || head instanceof ReplicationError ? undefined : head.last?.timestamp
