import { ReplicationError } from '../../shared/domain/errors.ts'
import type { Side } from '../../shared/usecases/racks/watch-racks.ts'

/** What the function is asked to do. */
export type LagTask =
  | { readonly mode: 'measure' | 'status' }
  /** `side`: of the link. */
  | { readonly mode: 'racks'; readonly side: Side }

/** An event without a mode is the schedule's. Throws `EVENT_MALFORMED`. */
export const taskOf = (event: unknown): LagTask => {
  const { mode = 'measure', side }: Asked = typeof event === 'object' && event !== null ? event : {}
  if (mode === 'measure' || mode === 'status') return { mode }
  if (mode !== 'racks') throw malformed(`its mode is ${JSON.stringify(mode)}, and there are measure, status and racks`)
  if (side === 'source' || side === 'target') return { mode, side }
  throw malformed(`its side is ${JSON.stringify(side)}, and there are source and target`)
}

interface Asked {
  readonly mode?: unknown
  readonly side?: unknown
}

const malformed = (because: string): ReplicationError =>
  new ReplicationError('EVENT_MALFORMED', `reading the event: ${because}`)
