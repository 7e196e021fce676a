import type { Beat } from '../../domain/heartbeat/beat.ts'
import type { Deadline } from '../ports.ts'

/** What a link has beaten so far. Throws errors whose codes begin with `STATE_`. */
export interface HeartbeatLedger {
  /** The last beat; `undefined`: there was none. */
  read(deadline: Deadline): Promise<Beat | undefined>
  /** `superseded`: another owner has beaten that far or farther already. Remembering the same beat again changes nothing. */
  remember(owner: string, beat: Beat, deadline: Deadline): Promise<'remembered' | 'superseded'>
}
