import { ReplicationError } from '../../shared/domain/errors.ts'
import type { FenceCause } from '../../shared/domain/failover/fence-cause.ts'
import { FENCING_ACTIONS, type FencingAction } from '../../shared/usecases/failover/fence-ports.ts'

/** What the function is asked to do. */
export type FenceTask =
  /** The schedule's. */
  | { readonly action: 'settle' }
  /** Of whoever asks how failovers stand; changes nothing. */
  | { readonly action: 'status' }
  | {
      readonly action: FencingAction
      readonly cause: FenceCause
      /** For how long whoever asks is waiting. */
      readonly withinMs: number
    }

/** An event without an action is the schedule's. Throws `EVENT_MALFORMED`. */
export const taskOf = (event: unknown): FenceTask => {
  const { action, cause, withinMs }: Loose = isObject(event) ? event : {}
  if (action === undefined) return { action: 'settle' }
  if (action === 'status') return { action }
  const known = FENCING_ACTIONS.find((one) => one === action)
  if (known === undefined)
    throw malformed(`its action is ${JSON.stringify(action)}, and there are status, ${FENCING_ACTIONS.join(', ')}`)
  if (!isCause(cause)) throw malformed('its cause is not that of a failover')
  if (typeof withinMs !== 'number' || withinMs <= 0) throw malformed('it does not say how long is waited')
  return { action: known, cause, withinMs }
}

interface Loose {
  readonly action?: unknown
  readonly cause?: unknown
  readonly withinMs?: unknown
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isCause = (value: unknown): value is FenceCause => {
  const { pair, from, to, epoch, execution, startedAt }: { readonly [Field in keyof FenceCause]?: unknown } = isObject(
    value,
  )
    ? value
    : {}
  const texts = [pair, from, to, execution].every((one) => typeof one === 'string' && one !== '')
  return texts && Number.isSafeInteger(epoch) && Number.isSafeInteger(startedAt)
}

const malformed = (because: string): ReplicationError =>
  new ReplicationError('EVENT_MALFORMED', `reading the event: ${because}`)
