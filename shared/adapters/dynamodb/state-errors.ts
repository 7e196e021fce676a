import { ReplicationError } from '../../domain/errors.ts'

const THROTTLED = new Set(['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'ThrottlingException'])
/** Requests that no other attempt will see accepted: an item or a table is not what we think it is. */
const MISFIT = new Set(['ItemCollectionSizeLimitExceededException', 'ValidationException'])

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)

/** What the SDK threw, after its own attempts, in our words. A condition that does not hold is not an error and stays out. */
export const asStateError = (error: unknown, doing: string): ReplicationError => {
  if (error instanceof ReplicationError) return error
  const name = nameOf(error)
  if (THROTTLED.has(name)) return new ReplicationError('STATE_THROTTLED', `${doing}: ${name}`, { cause: error })
  if (MISFIT.has(name)) return new ReplicationError('STATE_MALFORMED', `${doing}: ${name}`, { cause: error })
  const why = name === 'AbortError' ? 'no answer before the deadline' : name
  return new ReplicationError('STATE_UNREACHABLE', `${doing}: ${why}`, { cause: error })
}
