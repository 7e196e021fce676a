import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'

const THROTTLED = new Set(['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'ThrottlingException'])
/** A request that no other attempt will see accepted: an item or a table is not what we think it is. */
const MISFIT = new Set(['ValidationException'])
/** With a local index, all that is under one partition key takes 10 GB at most, and its copy in the index counts. */
const FULL = new Set(['ItemCollectionSizeLimitExceededException'])

/** Not ours to mend by trying again: somebody has to grant a right, to renew a login or to open a key. */
const DENIED = new Set([
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
])
const MISSING = new Set(['ResourceNotFoundException'])

const CODES: readonly (readonly [ReadonlySet<string>, ErrorCode])[] = [
  [THROTTLED, 'STATE_THROTTLED'],
  [MISFIT, 'STATE_MALFORMED'],
  [FULL, 'STATE_FULL'],
  [DENIED, 'STATE_DENIED'],
  [MISSING, 'STATE_MISSING'],
]

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)

/** What one request met, in our words. A condition that does not hold is not an error and stays out. */
export const asStateError = (error: unknown, doing: string): ReplicationError => {
  if (error instanceof ReplicationError) return error
  const name = nameOf(error)
  const [, code = 'STATE_UNREACHABLE'] = CODES.find(([names]) => names.has(name)) ?? []
  const why = name === 'AbortError' ? 'no answer before the deadline' : name
  return new ReplicationError(code, `${doing}: ${why}`, { cause: error })
}
