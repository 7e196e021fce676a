import { createSecureContext } from 'node:tls'
import type { SASLOptions } from 'kafkajs'
import { ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess, KafkaLogin } from '../../domain/kafka-access.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { iamToken } from './iam-token.ts'
import type { Login } from './kafkajs-login.ts'

/** How to log in to one cluster now. Messages name the cluster and the secret, and never what is in it. */
export class ClusterLogin {
  readonly #access: KafkaAccess
  readonly #secrets: Secrets

  constructor(access: KafkaAccess, secrets: Secrets) {
    this.#access = access
    this.#secrets = secrets
  }

  /** Whether a refusal can come from a secret that was changed since it was read. */
  get usesSecrets(): boolean {
    return 'secret' in this.#access.login || this.#access.caSecret !== undefined
  }

  /** Who the cluster takes us for, as far as that can be told without asking it. Throws `LOGIN_REFUSED`. */
  async principal(): Promise<string> {
    const { login } = this.#access
    if (login.kind === 'none') return 'User:ANONYMOUS'
    if (login.kind === 'iam') return 'the IAM role that signs for us'
    if (login.kind === 'mtls') return `the owner of the certificate in the secret ${login.secret}`
    const { username } = await this.#fields(login.secret, ['username'], { fresh: false })
    return `User:${username}`
  }

  /** Throws `LOGIN_REFUSED` when a secret cannot be read or used. */
  async current(how: { readonly fresh: boolean }): Promise<Login> {
    const [ssl, sasl] = await Promise.all([this.#tls(how), this.#sasl(how)])
    return { ...ssl, ...sasl }
  }

  async #tls(how: { readonly fresh: boolean }): Promise<Pick<Login, 'ssl'>> {
    const { tls, caSecret, login } = this.#access
    if (!tls) return {}
    const authority = caSecret === undefined ? {} : await this.#fields(caSecret, ['certificate'], how)
    const client =
      login.kind === 'mtls' ? await this.#fields(login.secret, ['certificate', 'privateKey'], how) : undefined
    const context = {
      ...(authority.certificate === undefined ? {} : { ca: authority.certificate }),
      ...(client === undefined ? {} : { cert: client.certificate, key: client.privateKey }),
      ...(client?.privateKeyPassword === undefined ? {} : { passphrase: client.privateKeyPassword }),
    }
    try {
      return { ssl: { secureContext: createSecureContext(context) } }
    } catch (error) {
      throw this.#refused('its certificates or its private key cannot be used', error)
    }
  }

  async #sasl(how: { readonly fresh: boolean }): Promise<{ sasl?: SASLOptions }> {
    const { login } = this.#access
    if (login.kind === 'none' || login.kind === 'mtls') return {}
    if (login.kind === 'iam')
      return {
        sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await iamToken(login.region) }) },
      }
    const { username = '', password = '' } = await this.#fields(login.secret, ['username', 'password'], how)
    return { sasl: { mechanism: login.kind, username, password } satisfies PasswordLogin as SASLOptions }
  }

  async #fields(
    secret: string,
    needed: readonly string[],
    how: { readonly fresh: boolean },
  ): Promise<Record<string, string>> {
    const fields = parseFields(await this.#read(secret, how))
    const missing = needed.filter((name) => fields[name] === undefined)
    if (missing.length === 0) return fields
    throw this.#refused(`the secret ${secret} is not a JSON object with the texts ${missing.join(' and ')}`)
  }

  async #read(secret: string, how: { readonly fresh: boolean }): Promise<string> {
    try {
      return await this.#secrets.read(secret, how)
    } catch (error) {
      throw this.#refused(`the secret ${secret} cannot be read`, error)
    }
  }

  #refused(problem: string, cause?: unknown): ReplicationError {
    return new ReplicationError('LOGIN_REFUSED', `logging in to ${this.#access.cluster}: ${problem}`, { cause })
  }
}

interface PasswordLogin {
  readonly mechanism: Extract<KafkaLogin['kind'], 'plain' | 'scram-sha-256' | 'scram-sha-512'>
  readonly username: string
  readonly password: string
}

/** The texts of a JSON object; nothing, when it is not one. */
const parseFields = (text: string): Record<string, string> => {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => isText(entry[1])))
}

const isText = (value: unknown): value is string => typeof value === 'string'

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
