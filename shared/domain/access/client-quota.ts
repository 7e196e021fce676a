/** Whom a quota binds: a user, a client id, or that client id of that user. Never nobody. */
export interface QuotaHolder {
  /** A principal's name without its `User:`. */
  readonly user?: string
  readonly clientId?: string
}

/** Which of a holder's quotas, as `producer_byte_rate`. */
export interface QuotaName extends QuotaHolder {
  readonly key: string
}

export interface ClientQuota extends QuotaName {
  readonly value: number
}

/** `value` absent: the holder shall have none any more. */
export interface QuotaChange extends QuotaName {
  readonly value?: number
}

/** Quotas of no one holder: for whoever has none of their own, for an address, or of a kind that came to Kafka later. */
export interface UnheldQuota {
  readonly kind: 'default' | 'ip' | 'unknown'
  readonly what: string
}

/** The same text for the same quota, for as long as registries hold it. */
export const quotaText = ({ user, clientId, key }: QuotaName): string =>
  JSON.stringify([user ?? null, clientId ?? null, key])

const USER = 'User:'

export const quotaPrincipal = (user: string): string => `${USER}${user}`

/** `undefined`: a principal of another kind, which quotas do not know. */
export const quotaUser = (principal: string): string | undefined =>
  principal.startsWith(USER) ? principal.slice(USER.length) : undefined

/** For people, as `User:app, client id shop`. */
export const holderForPeople = ({ user, clientId }: QuotaHolder): string =>
  [
    ...(user === undefined ? [] : [quotaPrincipal(user)]),
    ...(clientId === undefined ? [] : [`client id ${clientId}`]),
  ].join(', ')
