import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'

/** What becomes of a request that Lambda did not do: the same one again, soon or later; or what the caller makes of it. */
export type Refusal =
  | { readonly kind: 'again'; readonly error: ReplicationError }
  /** The mapping is on its way from one state to another, which takes up to minutes. */
  | { readonly kind: 'in-use'; readonly error: ReplicationError }
  | { readonly kind: 'unknown' | 'exists' | 'failed'; readonly error: ReplicationError }

const KINDS: Readonly<Record<string, { readonly kind: Refusal['kind']; readonly code: ErrorCode }>> = {
  TooManyRequestsException: { kind: 'again', code: 'MAPPINGS_UNREACHABLE' },
  ThrottlingException: { kind: 'again', code: 'MAPPINGS_UNREACHABLE' },
  ServiceException: { kind: 'again', code: 'MAPPINGS_UNREACHABLE' },
  ResourceInUseException: { kind: 'in-use', code: 'MAPPINGS_UNREACHABLE' },
  ResourceNotFoundException: { kind: 'unknown', code: 'MAPPING_REFUSED' },
  ResourceConflictException: { kind: 'exists', code: 'MAPPING_REFUSED' },
  InvalidParameterValueException: { kind: 'failed', code: 'MAPPING_REFUSED' },
  ServiceQuotaExceededException: { kind: 'failed', code: 'MAPPING_REFUSED' },
  AccessDeniedException: { kind: 'failed', code: 'MAPPINGS_DENIED' },
  UnrecognizedClientException: { kind: 'failed', code: 'MAPPINGS_DENIED' },
  ExpiredTokenException: { kind: 'failed', code: 'MAPPINGS_DENIED' },
  CredentialsProviderError: { kind: 'failed', code: 'MAPPINGS_DENIED' },
}

/** A request that got no answer may be made again: each of them is harmless when it is done twice. */
const NO_ANSWER = { kind: 'again', code: 'MAPPINGS_UNREACHABLE' } as const
const CLIENT_FAULT = { kind: 'failed', code: 'MAPPING_REFUSED' } as const

/** AWS's own words stay in: they name the missing right, the resource and the role. */
export const judgeRefusal = (thrown: unknown, doing: string): Refusal => {
  const { name, message } = thrown instanceof Error ? thrown : { name: typeof thrown, message: '' }
  const { kind, code } = KINDS[name] ?? (isClientFault(thrown) ? CLIENT_FAULT : NO_ANSWER)
  const why = name === 'AbortError' ? 'no answer before the deadline' : `${name}, ${message}`
  return { kind, error: new ReplicationError(code, `${doing}: ${why}`, { cause: thrown }) }
}

const isClientFault = (thrown: unknown): boolean => {
  const { $metadata } = (thrown ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode ?? 0
  return status >= 400 && status < 500 && status !== 429
}
