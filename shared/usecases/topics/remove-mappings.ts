import { ReplicationError } from '../../domain/errors.ts'
import type { LinkMapping } from '../../domain/topics/mapping-plan.ts'
import type { Deadline } from '../ports.ts'
import type { RunTimeMappings } from './topic-ports.ts'

export interface RemoveMappingsDeps {
  readonly mappings: RunTimeMappings
  /** Resolves to whether the time has passed before the deadline. */
  readonly rest: (ms: number, deadline: Deadline) => Promise<boolean>
}

const LOOK_EVERY_MS = 2_000
/** A mapping that was just made may not be listed yet, so that one empty look proves little. */
const EMPTY_LOOKS = 2

/**
 * Removes what was made at run time, of the topics that are asked for, and returns when it is gone. What is tagged
 * otherwise, the stack's own first of all, is left alone. Says how many there were.
 */
export const removeMappings = async (
  isWanted: (topic: string) => boolean,
  deadline: Deadline,
  deps: RemoveMappingsDeps,
): Promise<number> => {
  const removed = new Set<string>()
  const notOurs = new Set<string>()
  for (let emptyLooks = 0; ; ) {
    const listed = (await deps.mappings.list(deadline)).filter(({ topic }) => isWanted(topic))
    for (const { id } of listed) {
      if (removed.has(id) || notOurs.has(id)) continue
      const outcome = await deps.mappings.remove(id, deadline)
      if (outcome === 'removed') removed.add(id)
      else notOurs.add(id)
    }
    const left = listed.filter(({ id }) => removed.has(id))
    emptyLooks = left.length === 0 ? emptyLooks + 1 : 0
    if (emptyLooks === EMPTY_LOOKS) return removed.size
    if (!(await deps.rest(LOOK_EVERY_MS, deadline))) throw stillThere(left)
  }
}

const stillThere = (left: readonly LinkMapping[]): ReplicationError => {
  const [first] = left
  const which = first === undefined ? '' : `, first ${first.id} of ${first.topic}, ${first.state}`
  return new ReplicationError(
    'MAPPINGS_UNREACHABLE',
    `removing event source mappings: at the deadline ${left.length} were not gone${which}`,
  )
}
