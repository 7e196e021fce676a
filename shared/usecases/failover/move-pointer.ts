import { type ClientPointer, isLater, saysTheSame } from '../../domain/failover/client-pointer.ts'
import type { Deadline } from '../ports.ts'
import type { PointerPlace } from './fence-ports.ts'

/** `kept`: a later one is there. */
export type PointerMove = 'moved' | 'was-there' | 'kept'

/**
 * Writes a pointer unless a later one is there. A place knows no conditions, but counts versions: whoever sees that somebody
 * wrote in between looks what that was, and puts it back when it was the later one. So the latest stays, whoever writes
 * beside whom; for the blink of an eye clients may see an earlier epoch, which they ignore.
 */
export const movePointer = async (
  place: PointerPlace,
  pointer: ClientPointer,
  deadline: Deadline,
): Promise<PointerMove> => {
  const there = await place.read(deadline)
  if (there?.pointer !== undefined && saysTheSame(there.pointer, pointer)) return 'was-there'
  if (there?.pointer !== undefined && !isLater(pointer, there.pointer)) return 'kept'
  const version = await place.write(pointer, deadline)
  const between = await writtenBetween(place, there?.version ?? 0, version, deadline)
  const latest = between.reduce((best, one) => (isLater(one, best) ? one : best), pointer)
  if (latest === pointer) return 'moved'
  await movePointer(place, latest, deadline)
  return 'kept'
}

const writtenBetween = async (
  place: PointerPlace,
  before: number,
  after: number,
  deadline: Deadline,
): Promise<readonly ClientPointer[]> => {
  const found: ClientPointer[] = []
  for (let version = before + 1; version < after; version++) {
    const { pointer } = (await place.read(deadline, version)) ?? {}
    if (pointer !== undefined) found.push(pointer)
  }
  return found
}
