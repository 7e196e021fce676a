import type { LagMemory } from '../../domain/lag/lag-memory.ts'
import type { VerificationSeen } from '../../domain/lag/link-verdict.ts'
import type { Deadline } from '../ports.ts'

/** What is remembered of a link's lag between one sample and the next. Throws errors whose codes begin with `STATE_`. */
export interface LagLedger {
  /** `undefined`: nobody has taken a sample yet. */
  read(deadline: Deadline): Promise<LagMemory | undefined>
  /**
   * `superseded`: a later sample is remembered already, and stays. A crash in the middle may leave some partitions as an
   * earlier sample had them, each as a whole.
   */
  remember(memory: LagMemory, deadline: Deadline): Promise<'remembered' | 'superseded'>
}

/** What the last scheduled verification of a link found. Throws errors whose codes begin with `STATE_`. */
export interface VerificationLedger {
  /** `undefined`: there was none yet. */
  read(deadline: Deadline): Promise<VerificationSeen | undefined>
  /** The later one stays. */
  remember(seen: VerificationSeen, deadline: Deadline): Promise<void>
}
