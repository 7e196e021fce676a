import type { GroupPassFacts, LagFacts, PassFacts, RackFacts } from '../../domain/failover/preflight-facts.ts'
import type { Deadline } from '../ports.ts'

/** `plan` changes nothing. */
export type PassMode = 'plan' | 'apply'
/** `grant`: only what was held back until the promotion; nothing is asked of the source. */
export type AccessMode = PassMode | 'grant'

/**
 * The deployed functions of one link, which know best how it stands. `undefined`: the link does not keep that in step, so
 * that it has no such function. Throws the function's own error, or `FUNCTION_FAILED`, `FUNCTION_UNREACHABLE` or `CONFIG_INVALID`.
 */
export interface LinkFunctions {
  /** One look of the lag canary, which writes nothing. */
  status(deadline: Deadline): Promise<LagFacts>
  /** Whether a cluster of the link survives the loss of a rack. */
  racks(side: 'source' | 'target', deadline: Deadline): Promise<RackFacts>
  topics(mode: PassMode, deadline: Deadline): Promise<PassFacts | undefined>
  groups(mode: PassMode, deadline: Deadline): Promise<GroupPassFacts | undefined>
  access(mode: AccessMode, deadline: Deadline): Promise<PassFacts | undefined>
}
